/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caps.c - what a controller's CAP and CRTO registers mean for the way it is run.
 */
#include <errno.h>

#include "controller/caps.h"
#include "controller/error.h"
#include "nvm_spec.h"

#define READY_UNIT_MS 500ULL

int nvmi_caps_page_size(size_t *page_size, size_t host_page, uint64_t cap, size_t wanted)
{
	uint64_t min = 4096ULL << NVM_CAP_MPSMIN(cap);
	uint64_t max = 4096ULL << NVM_CAP_MPSMAX(cap);

	if (min > max)
		return nvmi_fail(
			ERANGE,
			"controller reports a smallest page of %llu bytes and a largest of "
			"%llu: its CAP register cannot be right",
			(unsigned long long)min, (unsigned long long)max);

	if (wanted != 0) {
		if ((wanted & (wanted - 1)) != 0 || wanted < min || wanted > max)
			return nvmi_fail(ERANGE,
					 "page size %zu is not possible: the controller takes "
					 "powers of two from %llu to %llu bytes",
					 wanted, (unsigned long long)min, (unsigned long long)max);
		*page_size = wanted;
		return 0;
	}

	if (host_page < min)
		return nvmi_fail(ERANGE,
				 "this machine's pages have %zu bytes, the controller's at least "
				 "%llu: ask for that page size to use it nevertheless",
				 host_page, (unsigned long long)min);
	*page_size = host_page < max ? host_page : (size_t)max;
	return 0;
}

uint32_t nvmi_caps_max_entries(uint64_t cap)
{
	return (uint32_t)NVM_CAP_MQES(cap) + 1;
}

uint64_t nvmi_caps_timeout_ms(uint64_t cap, uint32_t crto, uint64_t upper_ms)
{
	uint64_t timeout = NVM_CAP_TO(cap) * READY_UNIT_MS;

	if (NVM_CAP_CRWMS(cap) != 0 && NVM_CRTO_CRWMT(crto) * READY_UNIT_MS > timeout)
		timeout = NVM_CRTO_CRWMT(crto) * READY_UNIT_MS;
	if (NVM_CAP_CRIMS(cap) != 0 && NVM_CRTO_CRIMT(crto) * READY_UNIT_MS > timeout)
		timeout = NVM_CRTO_CRIMT(crto) * READY_UNIT_MS;
	if (timeout == 0)
		timeout = NVMI_MIN_TIMEOUT_MS;
	if (upper_ms != 0 && timeout > upper_ms)
		timeout = upper_ms;
	return timeout;
}

int nvmi_caps_css(uint32_t *css, uint64_t cap)
{
	uint64_t supported = NVM_CAP_CSS(cap);

	/*
	 * The NVM command set by itself is what every version knows; the other two are for
	 * controllers that do not offer it.
	 */
	if ((supported & NVM_CAP_CSS_NVM) != 0)
		*css = NVM_CC_CSS_NVM;
	else if ((supported & NVM_CAP_CSS_IOCSS) != 0)
		*css = NVM_CC_CSS_ALL;
	else if ((supported & NVM_CAP_CSS_NOIOCSS) != 0)
		*css = NVM_CC_CSS_ADMIN;
	else
		return ENOTSUP;
	return 0;
}
