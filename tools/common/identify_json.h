/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identify_json.h - registers and Identify data structures as JSON, under the specification's own
 * abbreviations.
 */
#ifndef TOOLS_IDENTIFY_JSON_H
#define TOOLS_IDENTIFY_JSON_H

#include <stdint.h>

#include "nvm_admin.h"
#include "nvm_spec.h"

struct json_object;

/* Objects of the caller. */
struct json_object *identify_json_cap(uint64_t cap);
struct json_object *identify_json_vs(uint32_t vs);
struct json_object *identify_json_ctrl(const struct nvm_id_ctrl *id);
struct json_object *identify_json_ns(const struct nvm_id_ns *id);

/* Descriptors go straight into the namespace's object; null stands for none. */
void identify_json_descs(struct json_object *ns, const struct nvm_ns_descs *descs);

/* The LBA formats that can be used, with the one in use marked. */
struct json_object *identify_json_lba_formats(const struct nvm_id_ns *id);

#endif
