/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * halt_test.c - memory that the controller may still reach is not given back: a controller that cannot
 * be disabled is kept from memory first, a command that has not come back keeps its buffer.
 */
#include <string.h>

#include "nvm_disk.h"
#include "nvm_error.h"
#include "support/aq_fixture.h"

/* A device that does not do what CC says, and what its backend was asked for. */
struct stubborn {
	struct device *d;
	struct nvmi_backend_ops ops;
	atomic_uint stuck; /* bits that CSTS has once the controller is enabled, for ever */
	atomic_bool was_enabled;
	unsigned int n_stopped, n_mapped, n_unmapped;
};

static struct stubborn *x;

static uint32_t read32(struct nvmi_backend *be, uint32_t offset)
{
	uint32_t value = device_read32(be, offset);

	if (offset == NVM_REG_CC && NVM_CC_EN(value) != 0)
		atomic_store(&x->was_enabled, true);
	if (offset == NVM_REG_CSTS && atomic_load(&x->was_enabled))
		value |= atomic_load(&x->stuck);
	return value;
}

static void write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	if (offset == NVM_REG_CC && NVM_CC_EN(value) != 0)
		atomic_store(&x->was_enabled, true);
	device_write32(be, offset, value);
}

static void stop_dma(struct nvmi_backend *be)
{
	(void)be;
	assert_int_equal(x->n_unmapped, 0);
	x->n_stopped++;
}

static int map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	for (size_t i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = DEVICE_BUS_BASE + (8 + i) * m->page_size;
	x->n_mapped++;
	return 0;
}

static void unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	(void)m;
	x->n_unmapped++;
}

static struct fixture begin_stubborn(device_handler handler)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, 4096, 50};
	const uint64_t pages[] = {DEVICE_BUS_BASE, DEVICE_BUS_BASE + 4096};
	struct fixture f = {.device = device_start(handler, NULL)};

	x = calloc(1, sizeof(*x));
	assert_non_null(x);
	x->d = f.device;
	x->ops = *f.device->be.ops;
	x->ops.read32 = read32;
	x->ops.write32 = write32;
	x->ops.stop_dma = stop_dma;
	x->ops.map_host = map_host;
	x->ops.unmap = unmap;
	f.device->be.ops = &x->ops;
	assert_int_equal(nvmi_ctrl_new(&f.ctrl, &f.device->be, &options), 0);
	assert_int_equal(nvm_dma_map(&f.mem, f.ctrl, f.device->memory, 4096, 2, pages), 0);
	return f;
}

static void end_stubborn(struct fixture *f)
{
	end(f);
	free(x);
}

static void an_obedient_controller_keeps_its_memory(void **state)
{
	struct fixture f = begin_stubborn(NULL);

	(void)state;
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	nvm_aq_destroy(f.ref);
	f.ref = NULL;
	assert_int_equal(x->n_stopped, 0);
	end_stubborn(&f);
}

static void a_controller_that_stays_up_is_kept_from_memory(void **state)
{
	struct fixture f = begin_stubborn(NULL);

	(void)state;
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	atomic_store(&x->stuck, NVM_FIELD(CSTS_RDY, 1));
	nvm_aq_destroy(f.ref);
	f.ref = NULL;
	assert_int_equal(x->n_stopped, 1);
	end_stubborn(&f);
}

static void a_controller_that_fails_on_its_way_up_is_kept_from_memory(void **state)
{
	struct fixture f = begin_stubborn(NULL);

	(void)state;
	atomic_store(&x->stuck, NVM_FIELD(CSTS_RDY, 1) | NVM_FIELD(CSTS_CFS, 1));
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), EIO);
	assert_non_null(strstr(nvm_errmsg(), "while it was enabled"));
	assert_int_equal(x->n_stopped, 1);
	end_stubborn(&f);
}

/* Fails for good with an Identify command in its hands. */
static void die_of_identify(struct device *d, const struct nvm_sqe *sqe)
{
	if (sqe->opc == NVM_ADMIN_OPC_IDENTIFY)
		atomic_fetch_or(&d->csts, NVM_FIELD(CSTS_CFS, 1));
	else
		device_echo(d, sqe);
}

static void a_command_that_has_not_come_back_keeps_its_buffer(void **state)
{
	struct fixture f = begin_stubborn(die_of_identify);
	nvm_disk_t *disk;

	(void)state;
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	assert_int_equal(nvm_disk_attach(&disk, f.ref, NULL), EIO);
	assert_null(disk);
	assert_int_equal(x->n_mapped, 1);
	assert_int_equal(x->n_unmapped, 0);
	nvm_aq_destroy(f.ref);
	f.ref = NULL;
	assert_int_equal(x->n_unmapped, 1);
	end_stubborn(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_obedient_controller_keeps_its_memory),
		cmocka_unit_test(a_controller_that_stays_up_is_kept_from_memory),
		cmocka_unit_test(a_controller_that_fails_on_its_way_up_is_kept_from_memory),
		cmocka_unit_test(a_command_that_has_not_come_back_keeps_its_buffer),
	};

	return cmocka_run_group_tests_name("halt", tests, NULL, NULL);
}
