/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_error.h - the status convention: one int for errno and NVMe status.
 *
 *   0    success
 *   > 0  an errno value: the command did not reach the controller, or no completion came back
 *   < 0  an NVMe status: -(DNR << 14 | CRD << 11 | SCT << 8 | SC), so that the classic macros,
 *        which look at the low 11 bits, keep working
 */
#ifndef NVM_ERROR_H
#define NVM_ERROR_H

#include <stdbool.h>

#include "nvm_types.h"
#include "nvm_util.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields of a completion queue entry's status (Base Specification, "Completion Queue Entry"). */
#define NVM_ERR_STATUS_FIELD(cpl) (((cpl)->dword[3] >> 17) & 0x7fffU)
#define NVM_ERR_SC(cpl)           ((uint8_t)(((cpl)->dword[3] >> 17) & 0xffU))
#define NVM_ERR_SCT(cpl)          ((uint8_t)(((cpl)->dword[3] >> 25) & 0x7U))
#define NVM_ERR_CRD(cpl)          ((uint8_t)(((cpl)->dword[3] >> 28) & 0x3U))
#define NVM_ERR_DNR(cpl)          ((uint8_t)(((cpl)->dword[3] >> 31) & 0x1U))

/* Packed status of SCT and SC alone, 0 or negative; 0 where there is no completion (cpl == NULL). */
#define NVM_ERR_STATUS(cpl) (-(-nvm_err_from_cpl((const nvm_cpl_t *)(cpl)) & 0x7ff))
#define NVM_ERR_OK(cpl)     (((cpl)->dword[3] & (0x7ffU << 17)) == 0)

/*
 * Pack a completion, or an errno where there is none (cpl == NULL). The M (more) bit is left out.
 */
#define NVM_ERR_PACK(cpl, err) \
	((err) != 0 ? (int)(err) : nvm_err_from_cpl((const nvm_cpl_t *)(cpl)))

#define NVM_ERR_UNPACK_ERRNO(status) ((status) > 0 ? (status) : 0)
#define NVM_ERR_UNPACK_SCT(status)   ((status) < 0 ? (uint8_t)((-(status) >> 8) & 0x7) : (uint8_t)0)
#define NVM_ERR_UNPACK_SC(status)    ((status) < 0 ? (uint8_t)(-(status)&0xff) : (uint8_t)0)
#define NVM_ERR_UNPACK_CRD(status)   ((status) < 0 ? (uint8_t)((-(status) >> 11) & 0x3) : (uint8_t)0)
#define NVM_ERR_UNPACK_DNR(status)   ((status) < 0 ? (uint8_t)((-(status) >> 14) & 0x1) : (uint8_t)0)

/**
 * nvm_err_from_cpl() - packed status of a completion
 * @cpl: completion queue entry; NULL is success
 *
 * Return: 0 or a negative NVMe status with CRD and DNR kept. A completion whose status code is
 * success is 0 whatever its other bits say.
 */
static inline int nvm_err_from_cpl(const nvm_cpl_t *cpl)
{
	if (cpl == NULL || NVM_ERR_OK(cpl))
		return 0;
	return -(int)(NVM_ERR_STATUS_FIELD(cpl) & 0x5fffU);
}

/**
 * nvm_ok() - does a packed status say success?
 * @status: packed status
 */
static inline bool nvm_ok(int status)
{
	return status == 0;
}

/**
 * nvm_strerror() - text of a packed status
 * @status: packed status, any int
 *
 * Knows every status code of NVMe 2.0 and every errno. Never NULL. The string is static, or
 * belongs to the calling thread until its next call. Any thread.
 */
const char *nvm_strerror(int status);

/**
 * nvm_errmsg() - cause and remedy of the calling thread's last failure, in one line
 *
 * Set by every libnvm function that fails (like dlerror(3), but not cleared by reading); "" before
 * the first failure. Functions that return nothing (close, free, destroy) leave it as it is.
 * Belongs to the calling thread until its next libnvm call. Any thread.
 */
const char *nvm_errmsg(void);

#ifdef __cplusplus
}
#endif

#endif
