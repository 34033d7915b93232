/* SPDX-License-Identifier: BSD-2-Clause */
/* first.c - the first program: read the first block of a disk, on "emu:" if none is named. */
#include <stdio.h>
#include <stdlib.h>

#include <nvm_disk.h>
#include <nvm_error.h>

int main(int argc, char **argv)
{
	nvm_disk_t *disk;
	unsigned char *block;
	int err = nvm_disk_open(&disk, argc > 1 ? argv[1] : "emu:", NULL);

	if (err == 0) {
		block = nvm_disk_alloc(disk, nvm_disk_block_size(disk));
		err = block != NULL ? nvm_disk_read(disk, block, 0, 1) : 1;
		if (err == 0)
			printf("%zu bytes, the first is 0x%02x\n", nvm_disk_block_size(disk),
			       block[0]);
		nvm_disk_close(disk);
	}
	if (err != 0)
		fprintf(stderr, "first: %s\n", nvm_errmsg());
	return err != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
