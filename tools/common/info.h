/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * info.h - controllers and namespaces as the tools have printed them since 2018.
 */
#ifndef TOOLS_INFO_H
#define TOOLS_INFO_H

#include <stdint.h>

#include "nvm_types.h"

/* Labels, order and alignment are an interface: scripts read them. */
void info_print_ctrl(const struct nvm_ctrl_info *info, uint16_t n_cqs, uint16_t n_sqs);
void info_print_ns(const struct nvm_ns_info *info);

/* The line that closes what the functions above have printed. */
void info_print_end(void);

#endif
