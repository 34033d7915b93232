/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.c - checks that the admin command functions share, and Abort.
 */
#include <errno.h>
#include <inttypes.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

int nvmi_admin_check_ref(nvm_aq_ref ref)
{
	return ref != NULL ? 0 : nvmi_fail(EINVAL, "no admin queue reference was given");
}

int nvmi_admin_check_buffer(nvm_aq_ref ref, uint64_t ioaddr)
{
	uint64_t page_size = ref->ctrl->handle.page_size;
	uint64_t in_page = ioaddr & (page_size - 1);

	if (ioaddr % 4 == 0 && in_page + NVMI_ADMIN_DATA_SIZE <= page_size)
		return 0;
	return nvmi_fail(EINVAL,
			 "the buffer at bus address 0x%" PRIx64
			 " crosses a controller page: align it "
			 "to %" PRIu64 " bytes",
			 ioaddr, page_size);
}

int nvm_admin_abort(nvm_aq_ref ref, uint16_t sq_id, uint16_t cid, bool *aborted)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_ABORT}};
	nvm_cpl_t cpl;
	int status = nvmi_admin_check_ref(ref);

	if (status != 0)
		return status;
	cmd.dword[10] = NVM_FIELD(ABORT_SQID, sq_id) | NVM_FIELD(ABORT_CID, cid);
	status = nvm_aq_exec(ref, &cmd, &cpl, 0);
	if (status != 0)
		return nvmi_fail_more(status, "Abort of CID 0x%04x in SQ %u", cid, sq_id);
	if (aborted != NULL)
		*aborted = NVM_ABORT_NOT_ABORTED(cpl.dword[0]) == 0;
	return 0;
}
