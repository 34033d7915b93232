/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_page.c - an admin command: how a disk is, from its SMART / Health Information log page.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nvm_admin.h>
#include <nvm_aq.h>
#include <nvm_cmd.h>
#include <nvm_ctrl.h>
#include <nvm_dma.h>
#include <nvm_error.h>
#include <nvm_spec.h>

static void print(const struct nvm_log_smart *log)
{
	int kelvin = log->temperature[0] | log->temperature[1] << 8;

	printf("critical warnings  0x%02x\n", log->critical_warning);
	printf("temperature        %d C\n", kelvin - 273);
	printf("available spare    %u %%\n", log->avail_spare);
	printf("used               %u %%\n", log->percent_used);
	/* Counters have 128 bits; the lower half lasts for as long as the disk. */
	printf("data read          %" PRIu64 " x 512000 bytes\n", log->data_units_read[0]);
	printf("data written       %" PRIu64 " x 512000 bytes\n", log->data_units_written[0]);
	printf("power on           %" PRIu64 " h\n", log->power_on_hours[0]);
	printf("media errors       %" PRIu64 "\n", log->media_errors[0]);
}

int main(int argc, char **argv)
{
	nvm_ctrl_t *ctrl = NULL;
	nvm_dma_t *page = NULL;
	nvm_aq_ref aq = NULL;
	int err = nvm_ctrl_open(&ctrl, argc > 1 ? argv[1] : "emu:", NULL);

	if (err == 0)
		err = nvm_aq_open(&aq, ctrl);
	if (err == 0)
		err = nvm_dma_create(&page, ctrl, sizeof(struct nvm_log_smart));
	if (err == 0)
		err = nvm_admin_log_page(aq, NVM_CMD_NS_ALL, NVM_LID_SMART, 0, false, 0, page, 0,
					 sizeof(struct nvm_log_smart));
	if (err == 0)
		print(page->vaddr);
	else
		fprintf(stderr, "log_page: %s\n", nvm_errmsg());
	nvm_aq_destroy(aq);
	nvm_dma_unmap(page);
	nvm_ctrl_free(ctrl);
	return err != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
