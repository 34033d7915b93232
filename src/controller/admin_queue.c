/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_queue.c - creating and deleting I/O queues: one page or many, contiguous or not.
 */
#include <errno.h>
#include <string.h>

#include "controller/admin.h"
#include "controller/aq_queues.h"
#include "controller/aq_shadow.h"
#include "controller/error.h"
#include "memory/dma.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define MAX_QID 65534

static char letter(bool cq)
{
	return cq ? 'C' : 'S';
}

static size_t ring_pages(size_t page_size, bool cq, uint32_t n_entries)
{
	size_t size = (size_t)n_entries * (cq ? sizeof(nvm_cpl_t) : sizeof(nvm_cmd_t));

	return (size + page_size - 1) / page_size;
}

size_t nvm_queue_mem_size(const nvm_ctrl_t *ctrl, bool cq, uint32_t n_entries)
{
	size_t pages;

	if (ctrl == NULL || n_entries < 2 || n_entries > ctrl->max_entries)
		return 0;
	pages = ring_pages(ctrl->page_size, cq, n_entries);
	if (pages > 1 && NVM_CAP_CQR(nvmi_ctrl_of(ctrl)->cap) == 0)
		pages += nvm_prp_chain_pages(ctrl->page_size, pages);
	return pages * ctrl->page_size;
}

static int no_descriptor(bool cq)
{
	return nvmi_fail(EINVAL, "no %cQ descriptor was given", letter(cq));
}

static int check_queue(nvm_aq_ref ref, uint16_t id)
{
	int status = nvmi_admin_check_ref(ref);

	if (status != 0)
		return status;
	if (id == 0 || id > MAX_QID)
		return nvmi_fail(EINVAL, "%u is not the identifier of an I/O queue, which is 1..%u",
				 id, MAX_QID);
	return 0;
}

static int check_doorbell(nvm_aq_ref ref, bool cq, uint16_t id)
{
	const nvm_ctrl_t *ctrl = &ref->ctrl->handle;

	if (nvm_queue_doorbell(ctrl, id, cq) != NULL)
		return 0;
	return nvmi_fail(
		ERANGE,
		"the doorbell of %cQ %u lies outside the %zu bytes of BAR0 that are mapped: "
		"use a lower identifier",
		letter(cq), id, ctrl->mm_size);
}

/* A queue that is to be created: is it one that can be used? */
static int check_new_queue(nvm_aq_ref ref, bool cq, uint16_t id)
{
	int status = check_queue(ref, id);

	if (status == 0)
		status = check_doorbell(ref, cq, id);
	return status == 0 ? nvmi_aq_shadow_check(ref, id) : status;
}

/* Number of entries and identifier, as in all create commands. */
static uint32_t create_cdw10(const nvm_queue_t *q)
{
	return NVM_FIELD(QCREATE_QID, q->no) | NVM_FIELD(QCREATE_QSIZE, q->max_entries - 1);
}

static int create_cq(nvm_aq_ref ref, const nvm_queue_t *cq, bool contiguous, int vector,
		     uint64_t timeout_ms)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_CREATE_COMPLETION_QUEUE}};
	int status;

	nvm_cmd_data_ptr(&cmd, cq->ioaddr, 0);
	cmd.dword[10] = create_cdw10(cq);
	cmd.dword[11] = NVM_FIELD(CQCREATE_PC, contiguous);
	if (vector >= 0)
		cmd.dword[11] |= NVM_FIELD(CQCREATE_IEN, 1) | NVM_FIELD(CQCREATE_IV, vector);
	status = nvm_aq_exec(ref, &cmd, NULL, timeout_ms);
	return status == 0 ? 0
			   : nvmi_fail_more(status, "creating CQ %u of %u entries", cq->no,
					    cq->max_entries);
}

/* What both ways to create an SQ refuse. */
static int check_new_sq(nvm_aq_ref ref, const nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id)
{
	int status;

	if (sq == NULL || cq == NULL)
		return no_descriptor(cq == NULL);
	status = check_queue(ref, id);
	if (status == 0)
		status = check_queue(ref, cq->no);
	return status == 0 ? check_new_queue(ref, false, id) : status;
}

/* The priority class counts only where a program has switched weighted round robin on. */
static int create_sq(nvm_aq_ref ref, const nvm_queue_t *sq, bool contiguous, uint16_t cq_id,
		     uint64_t timeout_ms)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_CREATE_SUBMISSION_QUEUE}};
	int status;

	nvm_cmd_data_ptr(&cmd, sq->ioaddr, 0);
	cmd.dword[10] = create_cdw10(sq);
	cmd.dword[11] = NVM_FIELD(SQCREATE_PC, contiguous) |
			NVM_FIELD(SQCREATE_QPRIO, NVM_QPRIO_MEDIUM) |
			NVM_FIELD(SQCREATE_CQID, cq_id);
	status = nvm_aq_exec(ref, &cmd, NULL, timeout_ms);
	return status == 0 ? 0
			   : nvmi_fail_more(status, "creating SQ %u of %u entries", sq->no,
					    sq->max_entries);
}

int nvmi_admin_delete_queue(nvm_aq_ref ref, bool cq, uint16_t id, uint64_t timeout_ms)
{
	nvm_cmd_t cmd = {.dword = {cq ? NVM_ADMIN_DELETE_COMPLETION_QUEUE
				      : NVM_ADMIN_DELETE_SUBMISSION_QUEUE}};
	int status = check_queue(ref, id);

	if (status != 0)
		return status;
	cmd.dword[10] = NVM_FIELD(QCREATE_QID, id);
	status = nvm_aq_exec(ref, &cmd, NULL, timeout_ms);
	return status == 0 ? 0 : nvmi_fail_more(status, "deleting %cQ %u", letter(cq), id);
}

/* A queue of one page at an address the caller knows. */
static int init_one_page(nvm_aq_ref ref, nvm_queue_t *q, bool cq, uint16_t id, volatile void *qmem,
			 uint64_t ioaddr)
{
	size_t page_size = ref->ctrl->handle.page_size;

	if (qmem == NULL || ioaddr % page_size != 0)
		return nvmi_fail(
			EINVAL,
			"%cQ %u needs memory that this process can see, at a bus address that "
			"is a multiple of %zu",
			letter(cq), id, page_size);
	nvm_queue_clear(q, &ref->ctrl->handle, cq, id, qmem, ioaddr);
	return 0;
}

int nvm_admin_cq_create(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, volatile void *qmem,
			uint64_t ioaddr)
{
	nvm_queue_t q = {.no = id};
	int status;

	if (cq == NULL)
		return no_descriptor(true);
	status = check_new_queue(ref, true, id);
	if (status == 0)
		status = init_one_page(ref, &q, true, id, qmem, ioaddr);
	if (status != 0)
		return status;

	/* Phase tags of an earlier use would pass for completions. */
	memset((void *)(uintptr_t)qmem, 0, ref->ctrl->handle.page_size);
	status = create_cq(ref, &q, true, -1, 0);
	if (status == 0)
		*cq = q;
	return status;
}

int nvm_admin_cq_delete(nvm_aq_ref ref, nvm_queue_t *cq)
{
	return cq != NULL ? nvmi_admin_delete_queue(ref, true, cq->no, 0) : no_descriptor(true);
}

int nvm_admin_sq_create(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
			volatile void *qmem, uint64_t ioaddr)
{
	nvm_queue_t q = {.no = id};
	int status = check_new_sq(ref, sq, cq, id);

	if (status == 0)
		status = init_one_page(ref, &q, false, id, qmem, ioaddr);
	if (status == 0)
		status = create_sq(ref, &q, true, cq->no, 0);
	if (status == 0)
		*sq = q;
	return status;
}

int nvm_admin_sq_delete(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq)
{
	(void)cq;
	return sq != NULL ? nvmi_admin_delete_queue(ref, false, sq->no, 0) : no_descriptor(false);
}

static int check_ring_memory(nvm_aq_ref ref, bool cq, uint16_t id, uint32_t n_entries,
			     const nvm_dma_t *qmem, size_t offset)
{
	const nvm_ctrl_t *ctrl = &ref->ctrl->handle;

	if (qmem == NULL || qmem->vaddr == NULL || qmem->page_size != ctrl->page_size ||
	    offset % ctrl->page_size != 0)
		return nvmi_fail(
			EINVAL,
			"%cQ %u needs memory that is mapped for this controller and that this "
			"process can see, from a multiple of %zu bytes on",
			letter(cq), id, ctrl->page_size);
	if (n_entries < 2 || n_entries > ctrl->max_entries)
		return nvmi_fail(ERANGE, "%cQ %u: %u entries are not 2..%u", letter(cq), id,
				 n_entries, ctrl->max_entries);
	return 0;
}

/* Does a ring, with its PRP list if it needs one, fit the memory from @offset on? */
static int check_room(char cq_letter, uint16_t id, const nvm_dma_t *qmem, size_t offset,
		      size_t n_pages)
{
	size_t size = nvmi_dma_size(qmem);
	size_t room = offset < size ? size - offset : 0;

	if (n_pages <= room / qmem->page_size)
		return 0;
	return nvmi_fail(ERANGE,
			 "%cQ %u needs %zu bytes of memory, %zu were given from offset %zu on: "
			 "nvm_queue_mem_size() says how many",
			 cq_letter, id, n_pages * qmem->page_size, room, offset);
}

/*
 * The memory of a ring of any depth: descriptor set up, PRP list written behind the ring if there
 * must be one. What is there is what counts: memory that is contiguous needs no room for a list.
 */
static int init_ring(nvm_aq_ref ref, nvm_queue_t *q, bool cq, uint16_t id, uint32_t n_entries,
		     const nvm_dma_t *qmem, size_t offset, bool *contiguous)
{
	const nvm_ctrl_t *ctrl = &ref->ctrl->handle;
	size_t n_pages = ring_pages(ctrl->page_size, cq, n_entries);
	size_t list_pages = nvm_prp_chain_pages(ctrl->page_size, n_pages);
	size_t size = n_pages * ctrl->page_size;
	unsigned char *vaddr;
	const uint64_t *ring;
	int status = check_room(letter(cq), id, qmem, offset, n_pages);

	if (status != 0)
		return status;
	vaddr = (unsigned char *)qmem->vaddr + offset;
	ring = &qmem->ioaddrs[offset / ctrl->page_size];
	*contiguous = n_pages == 1 || nvm_dma_contiguous(qmem, offset, size);
	if (!*contiguous && NVM_CAP_CQR(ref->ctrl->cap) != 0)
		return nvmi_fail(
			ENOTSUP,
			"the memory of %cQ %u is not contiguous on the bus, and the controller "
			"requires that (CAP.CQR): use fewer entries, or huge pages",
			letter(cq), id);
	if (!*contiguous)
		status = check_room(letter(cq), id, qmem, offset, n_pages + list_pages);
	if (status != 0)
		return status;

	if (!*contiguous)
		nvm_prp_chain(ctrl->page_size, n_pages, vaddr + size, ring + n_pages, ring);
	nvm_queue_init(q, ctrl, cq, id, n_entries, vaddr, *contiguous ? ring[0] : ring[n_pages]);
	if (cq)
		memset(vaddr, 0, size);
	return 0;
}

int nvmi_admin_create_cq(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, uint32_t n_entries,
			 const nvm_dma_t *qmem, size_t offset, int vector, uint64_t timeout_ms)
{
	bool contiguous = true;
	nvm_queue_t q = {.no = id};
	int status;

	if (cq == NULL)
		return no_descriptor(true);
	status = check_queue(ref, id);
	if (status == 0 && (vector < -1 || vector > 0xffff))
		status =
			nvmi_fail(EINVAL, "%d is not an interrupt vector, nor -1 for none", vector);
	if (status == 0)
		status = check_new_queue(ref, true, id);
	if (status == 0)
		status = check_ring_memory(ref, true, id, n_entries, qmem, offset);
	if (status == 0)
		status = init_ring(ref, &q, true, id, n_entries, qmem, offset, &contiguous);
	if (status == 0)
		status = nvmi_aq_keep_queue_memory(ref, true, id, qmem);
	if (status != 0)
		return status;

	status = create_cq(ref, &q, contiguous, vector, timeout_ms);
	nvmi_aq_settle_queue_memory(ref, true, id, qmem, status);
	if (status == 0)
		*cq = q;
	return status;
}

int nvm_cq_create(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, uint32_t n_entries,
		  const nvm_dma_t *qmem, size_t offset, int vector)
{
	return nvmi_admin_create_cq(ref, cq, id, n_entries, qmem, offset, vector, 0);
}

int nvmi_admin_create_sq(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
			 uint32_t n_entries, const nvm_dma_t *qmem, size_t offset,
			 uint64_t timeout_ms)
{
	bool contiguous = true;
	nvm_queue_t q = {.no = id};
	int status = check_new_sq(ref, sq, cq, id);

	if (status == 0)
		status = check_ring_memory(ref, false, id, n_entries, qmem, offset);
	if (status == 0)
		status = init_ring(ref, &q, false, id, n_entries, qmem, offset, &contiguous);
	if (status == 0)
		status = nvmi_aq_keep_queue_memory(ref, false, id, qmem);
	if (status != 0)
		return status;

	status = create_sq(ref, &q, contiguous, cq->no, timeout_ms);
	nvmi_aq_settle_queue_memory(ref, false, id, qmem, status);
	if (status == 0)
		*sq = q;
	return status;
}

int nvm_sq_create(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
		  uint32_t n_entries, const nvm_dma_t *qmem, size_t offset)
{
	return nvmi_admin_create_sq(ref, sq, cq, id, n_entries, qmem, offset, 0);
}
