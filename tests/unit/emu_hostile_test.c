/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile host: random registers, doorbells, commands that are almost right, lists that point
 * anywhere, mappings that come and go. Whatever it does, the software controller stays alive, stays
 * inside the memory it was given (a matter for the sanitizers), and works after the next reset.
 *
 * Seeds are fixed; what threads make of them differs from run to run.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "support/emu_host.h"
#include "support/emu_mutate.h"

#define DEPTH    64u
#define N_ROUNDS 50
#define N_STEPS  400

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif

static struct host host;
static struct host_queue queues[N_QUEUES]; /* identifiers 1.. */
static uint8_t *device_side;               /* the host's memory as the controller sees it */
static uint8_t *window;
static pthread_t second;
static bool has_second;
static atomic_bool enough;
static char path[64];

/* What commands find where they look for lists: lists, of what they may be made of. */
static void scribble(void)
{
	uint8_t *page = host.mem + ARENA_AT + below(ARENA / HOST_PAGE) * HOST_PAGE;
	unsigned int kind = below(4);

	for (uint32_t at = 0; at < HOST_PAGE; at += 16) {
		uint64_t words[2] = {rnd_addr(), rnd_addr()};
		struct nvm_sgl_desc desc = rnd_desc();

		switch (kind) {
		case 0:
			memcpy(page + at, words, sizeof(words));
			break;
		case 1: /* ranges of Dataset Management and Copy */
			words[0] = below(64) | (uint64_t)below(64) << 32;
			words[1] = below(2048);
			memcpy(page + at, words, sizeof(words));
			break;
		case 2:
			words[0] = rnd();
			memcpy(page + at, words, sizeof(words));
			break;
		default: /* segments that end as they should, and may well be their own next one */
			desc.type = (uint8_t)((at % 64 == 48 ? NVM_SGL_TYPE_SEGMENT
							     : NVM_SGL_TYPE_DATA_BLOCK)
					      << 4);
			if (at % 64 == 48)
				desc.length = 64;
			memcpy(page + at, &desc, sizeof(desc));
			break;
		}
	}
}

static void rnd_register(void)
{
	static const uint32_t offsets[] = {NVM_REG_CAP, NVM_REG_VS,  NVM_REG_INTMS, NVM_REG_INTMC,
					   NVM_REG_CC,  NVM_REG_CC,  NVM_REG_CSTS,  NVM_REG_NSSR,
					   NVM_REG_AQA, NVM_REG_ASQ, NVM_REG_ACQ};
	uint32_t offset = one_in(8) ? (uint32_t)rnd() : PICK(offsets);
	unsigned int size = one_in(16) ? below(10) : one_in(4) ? 8 : 4;
	uint64_t value = rnd();

	if (one_in(3))
		value &= rnd() & rnd();
	if (offset == NVM_REG_CC && !one_in(4)) /* mostly one that may be right */
		value = host_cc(below(5)) ^ (one_in(4) ? 1u << below(24) : 0);
	if (offset == NVM_REG_NSSR && one_in(2))
		value = NVM_NSSR_RESET;
	emu_reg_write(host.emu, offset, size, value);
	emu_reg_read(host.emu, one_in(4) ? (uint32_t)rnd() : PICK(offsets), size);
}

static void rnd_doorbell(void)
{
	uint16_t qid = (uint16_t)below(N_QUEUES + 4);
	uint64_t offset = one_in(2) ? NVM_REG_SQTDBL(qid, 0) : NVM_REG_CQHDBL(qid, 0);
	uint32_t value = one_in(8) ? (uint32_t)rnd() : below(DEPTH + 2);

	__atomic_store_n((uint32_t *)(void *)(host.bar + offset), value, __ATOMIC_RELEASE);
}

/* A mapping that ends where no page does, and one at the very top, come and go. */
static void rnd_mapping(void)
{
	if (one_in(2))
		emu_dma_unmap(host.emu, WINDOW_AT, WINDOW);
	else
		emu_dma_map(host.emu, WINDOW_AT, window, WINDOW, one_in(2));
	if (one_in(2))
		emu_dma_unmap(host.emu, TOP_AT, TOP);
	else
		emu_dma_map(host.emu, TOP_AT, window + WINDOW, TOP, one_in(2));
}

static void submit(struct host_queue *q)
{
	uint32_t n = 1 + below(one_in(8) ? 32 : 4);

	for (uint32_t i = 0; i < n; i++) {
		struct nvm_sqe sqe = q->id ? rnd_io() : rnd_admin();

		host_push(q, &sqe);
	}
	host_ring(q);
}

static void drain(struct host_queue *q)
{
	struct nvm_cqe cqe;
	unsigned int n = 0;

	while (n < q->cq_n && host_poll(q, &cqe))
		n++;
	if (n)
		host_ack(q);
}

static void step(void)
{
	struct emu_stats stats;

	switch (below(20)) {
	case 0:
	case 1:
		submit(&host.admin);
		break;
	case 2:
	case 3:
	case 4:
		scribble();
		break;
	case 5:
		rnd_doorbell();
		break;
	case 6:
		if (one_in(12))
			rnd_register();
		break;
	case 7:
		if (one_in(4))
			rnd_mapping();
		break;
	case 8:
		emu_get_stats(host.emu, &stats);
		emu_kick(host.emu);
		usleep(below(100));
		break;
	case 9:
		if (one_in(100))
			emu_function_reset(host.emu);
		break;
	default:
		submit(&queues[below(N_QUEUES)]);
		break;
	}
	drain(&host.admin);
	for (unsigned int i = 0; i < N_QUEUES; i++)
		drain(&queues[i]);
}

/* A second thread of the host: everything that any thread may do at any time. */
static void *accomplice(void *seed)
{
	struct emu_stats stats;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	state = (uintptr_t)seed;
	while (!atomic_load(&enough)) {
		switch (below(6)) {
		case 0:
			rnd_mapping();
			break;
		case 1:
			emu_set_irq(host.emu, below(12), one_in(2) ? fd : -1);
			break;
		case 2:
			emu_reg_write(host.emu, one_in(2) ? NVM_REG_INTMS : NVM_REG_INTMC, 4,
				      rnd());
			break;
		case 3:
			emu_set_fault_hooks(host.emu, NULL, NULL);
			break;
		case 4:
			emu_get_stats(host.emu, &stats);
			emu_kick(host.emu);
			break;
		default:
			emu_reg_read(host.emu, below(0x40) & ~3u, 4);
			break;
		}
		usleep(below(200));
	}
	for (unsigned int i = 0; i < emu_n_irqs(host.emu); i++)
		emu_set_irq(host.emu, i, -1);
	close(fd);
	return NULL;
}

/* A controller level reset, and everything is as it should be. */
static void bring_up(void)
{
	struct nvm_id_ns *id;
	struct nvm_sqe sqe = {.opc = NVM_IO_OPC_WRITE, .nsid = 1};
	uint64_t id_io, out_io, in_io;
	uint8_t *out, *in;
	uint32_t bytes;

	host.used = 0;
	host_write32(&host, NVM_REG_CC, 0);
	assert_true(host_wait_csts(&host, NVM_FIELD_BITS(CSTS_RDY) | NVM_FIELD_BITS(CSTS_CFS), 0));
	host_enable_sized(&host, DEPTH, DEPTH, host_cc(0));
	id = host_alloc(&host, sizeof(*id), &id_io);
	out = host_alloc(&host, HOST_PAGE, &out_io);
	in = host_alloc(&host, HOST_PAGE, &in_io);
	assert_int_equal(host_identify(&host, NVM_CNS_NS, 1, id_io), 0);
	/* it may have been formatted */
	bytes = 1u << id->lbaf[NVM_FLBAS_LBAFL(id->flbas)].lbads;
	assert_in_range(bytes, 512, 4096);
	for (uint16_t i = 0; i < N_QUEUES; i++)
		host_queue_create(&host, &queues[i], (uint16_t)(i + 1), DEPTH, DEPTH);
	for (uint32_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)rnd();
	sqe.prp1 = out_io;
	sqe.cdw10 = below(id->nsze);
	assert_int_equal(host_exec(&queues[0], &sqe), 0);
	sqe.opc = NVM_IO_OPC_READ;
	sqe.prp1 = in_io;
	assert_int_equal(host_exec(&queues[1], &sqe), 0);
	assert_memory_equal(in, out, bytes);
	assert_true(host.used <= ARENA_AT);
}

/*
 * The same memory twice, as with a host in another process: what the host scribbles into it while
 * the controller reads is no data race of this program.
 */
static void share_memory(void)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC);

	assert_true(fd >= 0 && !ftruncate(fd, HOST_MEM));
	assert_int_equal(emu_dma_unmap(host.emu, HOST_IO_BASE, HOST_MEM), 0);
	munmap(host.mem, HOST_MEM);
	host.mem = mmap(NULL, HOST_MEM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	device_side = mmap(NULL, HOST_MEM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(host.mem != MAP_FAILED && device_side != MAP_FAILED);
	close(fd);
	assert_int_equal(emu_dma_map(host.emu, HOST_IO_BASE, device_side, HOST_MEM, true), 0);
	window = calloc(1, WINDOW + TOP);
	assert_non_null(window);
}

static void stop_second(void)
{
	atomic_store(&enough, true);
	if (has_second)
		pthread_join(second, NULL);
	has_second = false;
}

static void attack(const char *options, uint64_t seed)
{
	char spec[300];
	int fd;

	state = seed;
	strcpy(path, "/tmp/emu-hostile-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(spec, sizeof(spec), "?size=4M&ns=%s&size=2M&ns=null&size=1T&ns=&size=1M&ro=1&%s",
		 path, options);
	host_start(&host, spec);
	share_memory();
	atomic_store(&enough, false);
	assert_int_equal(
		pthread_create(&second, NULL, accomplice, (void *)(uintptr_t)(seed + 1000)), 0);
	has_second = true;
	for (unsigned int round = 0; round < N_ROUNDS; round++) {
		bring_up();
		for (unsigned int i = 0; i < N_STEPS; i++)
			step();
	}
	stop_second();
	bring_up();
	assert_true(host_stats(&host).failed_commands > 0);
}

static int stop(void **unused)
{
	(void)unused;
	if (!host.emu)
		return 0;
	stop_second();
	emu_destroy(host.emu);
	munmap(host.mem, HOST_MEM);
	munmap(device_side, HOST_MEM);
	free(window);
	unlink(path);
	memset(&host, 0, sizeof(host));
	return 0;
}

static void one_thread_survives_a_hostile_host(void **unused)
{
	(void)unused;
	attack("queues=8", 1);
}

static void unlimited_transfers_survive_a_hostile_host(void **unused)
{
	(void)unused;
	attack("queues=8&mdts=0&poll=busy", 2);
}

static void late_completions_survive_a_hostile_host(void **unused)
{
	(void)unused;
	attack("queues=8&latency=50us&jitter=500us", 3);
}

static void several_threads_survive_a_hostile_host(void **unused)
{
	(void)unused;
#ifdef THREAD_SANITIZER
	/* Two commands with one buffer: that race is the host's. */
	skip();
#endif
	attack("queues=8&threads=3", 4);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_thread_survives_a_hostile_host),
		TEST(unlimited_transfers_survive_a_hostile_host),
		TEST(late_completions_survive_a_hostile_host),
		TEST(several_threads_survive_a_hostile_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
