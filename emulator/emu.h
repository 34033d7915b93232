/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu.h - the software controller as its hosts see it: registers, doorbells, DMA mappings,
 * interrupts. The in-process backend is one host; a vfio-user server is another.
 *
 * The emulator knows nothing of the library but nvm_spec.h.
 */
#ifndef EMU_H
#define EMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EMU_MAX_NAMESPACES  64
#define EMU_MAX_QUEUE_PAIRS 1024  /* I/O queue pairs */
#define EMU_MAX_ENTRIES     65536 /* per queue */

/* How long a command takes: mean plus a uniformly distributed jitter; 0 = as fast as it runs. */
struct emu_latency {
	uint64_t read_ns;
	uint64_t write_ns;
	uint64_t other_ns; /* I/O commands without data, flush among them */
	uint64_t jitter_ns;
};

/* A namespace: a file, or memory. */
struct emu_ns_config {
	char *path;        /* NULL = memory */
	uint64_t size;     /* bytes; 0 = the file's size, or 256 MiB of memory */
	uint32_t lba_size; /* 512 or 4096 */
	bool read_only;
	bool null; /* no data at all: reads transfer nothing, writes are dropped */
};

/* A controller. emu_config_init() gives the defaults, emu_config_parse() reads a URI's part. */
struct emu_config {
	unsigned int n_ns;
	struct emu_ns_config ns[EMU_MAX_NAMESPACES];
	uint32_t n_queue_pairs; /* 1..1024, default 128 */
	uint32_t max_entries;   /* 2..65536, default 65536 */
	bool cqr;               /* queues must be contiguous; default false */
	uint8_t mdts;         /* power of two in pages of 4 KiB, 0 = unlimited, default 8 (1 MiB) */
	uint8_t dstrd;        /* 0..8, default 0 */
	uint8_t mpsmin;       /* log2(page size) - 12, default 0 */
	uint8_t mpsmax;       /* default 4 (64 KiB) */
	bool sgl;             /* SGLs supported, default true */
	bool doorbell_buffer; /* Doorbell Buffer Config supported, default true */
	bool volatile_cache;  /* VWC, default true for files */
	uint32_t ready_ms;    /* how long it takes to become ready, default 0 */
	uint8_t to;           /* CAP.TO, 500 ms units, default 20; 0 is legal to test with */
	uint32_t n_threads;   /* polling threads, default 1 */
	bool poll_busy;       /* never sleep */
	struct emu_latency latency;
	char serial[21];
	char model[41];
	uint32_t n_vectors; /* interrupt vectors, default n_queue_pairs + 1, at most 2048 */
};

void emu_config_init(struct emu_config *config);

/**
 * emu_config_parse() - read "[PATH][?key=value&key=value…]", what follows "emu:" in a URI
 * @config: initialised; filled in, to be released with emu_config_free() also after a failure
 * @spec: text; %XX is decoded in PATH and values
 * @err: where one line with cause and remedy goes on failure
 * @err_size: bytes at @err
 *
 * Keys of a namespace: size= (bytes with K, M, G, T), lba=512|4096, ro=1. "ns=PATH" (or "ns=" for
 * memory) starts a further namespace; the keys that follow are its own. PATH "null" is no data,
 * an empty PATH memory. A file that does not exist is created, if size= is given.
 * Keys of the controller: queues= depth= cqr= mdts= (bytes) dstrd= mpsmin= mpsmax= (bytes) sgl= dbbuf= vwc= ready=
 * (time) to= threads= poll=busy|adaptive latency= read= write= jitter= (times: 80us, 1ms) serial= model= vectors=.
 *
 * Return: 0 or EINVAL.
 */
int emu_config_parse(struct emu_config *config, const char *spec, char *err, size_t err_size);
void emu_config_free(struct emu_config *config);

struct emu;

/**
 * emu_create() - make a controller, powered on, not enabled
 * @emu: where it goes
 * @config: copied
 * @err: one line on failure
 *
 * Opens (and creates) backing files, locks them against a second controller, starts the polling
 * threads. Return: 0 or errno.
 */
int emu_create(struct emu **emu, const struct emu_config *config, char *err, size_t err_size);

/* Stop it, write everything out, free it. Its host makes no call meanwhile. */
void emu_destroy(struct emu *emu);

/*
 * BAR0 as memory: doorbells from 0x1000, which the controller polls; the registers below are a
 * snapshot for humans, real accesses go through the functions.
 */
volatile void *emu_bar(struct emu *emu, size_t *size);

/*
 * A register access of 4 or 8 bytes at a naturally aligned offset below 0x1000. Reads of anything
 * reserved give 0; writes to read-only registers do nothing. Any thread.
 */
uint64_t emu_reg_read(struct emu *emu, uint32_t offset, unsigned int size);
void emu_reg_write(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value);

/*
 * Wake polling threads that sleep: optional, those that serve queues look by themselves after 4 ms
 * at the latest. Any thread.
 */
void emu_kick(struct emu *emu);

/* Function level reset: as after power-on, DMA mappings stay. */
void emu_function_reset(struct emu *emu);

/*
 * DMA: bus addresses [ioaddr, ioaddr + size) are memory at vaddr. Ranges do not overlap (EEXIST),
 * need not be aligned to pages. After emu_dma_unmap() returns, the controller does not touch the
 * memory any more. An access outside all mappings fails the command and is counted. Any thread.
 */
int emu_dma_map(struct emu *emu, uint64_t ioaddr, void *vaddr, size_t size, bool writable);
int emu_dma_unmap(struct emu *emu, uint64_t ioaddr, size_t size);

/*
 * Interrupt vector → eventfd, -1 = off. The descriptor stays the host's; after the call the one
 * from before is not written to any more. Any thread. Return: 0, EINVAL if there is no such vector.
 */
int emu_set_irq(struct emu *emu, unsigned int vector, int eventfd);
unsigned int emu_n_irqs(const struct emu *emu);

/* Counters, since creation. */
struct emu_stats {
	uint64_t admin_commands;
	uint64_t io_commands;
	uint64_t read_blocks;
	uint64_t written_blocks;
	uint64_t dma_faults;      /* accesses outside all mappings */
	uint64_t bad_doorbells;   /* values out of range, or of queues that do not exist */
	uint64_t failed_commands; /* completed with an error status */
	uint64_t interrupts;
	uint64_t
		unclean_disables; /* CC.EN cleared or reset while I/O queues existed, without CC.SHN */
};
void emu_get_stats(struct emu *emu, struct emu_stats *stats);

/*
 * Faults. A hook is asked at each point and changes what happens; the fault script will be one.
 *
 * command is called by the polling threads, the other three by whoever accesses registers, and
 * stuck_ready by the first polling thread too; so they are thread-safe. They return soon: the
 * controller waits for them. Of the functions here they may call only emu_get_stats(), emu_kick(),
 * emu_bar(), emu_n_irqs() and emu_fatal(): all others wait for the caller or take a lock it holds.
 */
struct emu_fault_command {
	uint16_t sqid;
	const void *sqe; /* 64 bytes */
	/* in: what would happen; out: what shall happen */
	int status; /* -1 = execute; >= 0 = complete with this status (SCT << 8 | SC) unexecuted */
	bool drop;  /* never complete */
	uint64_t delay_ns; /* complete that much later */
	int cid;           /* CID in the completion */
	bool duplicate;    /* complete twice */
	bool wrong_phase;  /* completion with the old phase tag (not visible) */
};

struct emu_fault_hooks {
	void (*command)(void *arg, struct emu_fault_command *f);
	/* value: in what the register would give, out what it gives */
	void (*reg_read)(void *arg, uint32_t offset, unsigned int size, uint64_t *value);
	/* return true to swallow the write */
	bool (*reg_write)(void *arg, uint32_t offset, unsigned int size, uint64_t value);
	/* return true to leave CSTS.RDY as it is */
	bool (*stuck_ready)(void *arg, bool enabling);
};

/* hooks: copied; NULL removes them. Takes effect before it returns. */
void emu_set_fault_hooks(struct emu *emu, const struct emu_fault_hooks *hooks, void *arg);

/* Set CSTS.CFS, as on a fatal internal error. */
void emu_fatal(struct emu *emu);

#endif
