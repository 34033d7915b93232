// SPDX-License-Identifier: BSD-2-Clause
/*
 * nvm-list - the NVMe controllers on this machine: what they are, who uses them, how to reach them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/tool.h"
#include "nvm_error.h"
#include "nvm_pci.h"

static const char help[] =
	"Usage: nvm-list [--output-format=normal|json]\n"
	"\n"
	"Lists the NVMe controllers on the PCI bus, the drivers they are bound to, what they are used\n"
	"for, and how to use them with libnvm.\n"
	"\n"
	"      --output-format=FORMAT  normal (the default) or json\n"
	"  -h, --help                  print this\n"
	"  -V, --version               print the version\n";

enum {
	ADDRESS,
	ID,
	MODEL,
	DRIVER,
	GROUP,
	NUMA,
	DISKS,
	STATE,
	N_COLUMNS
};

static const char *const titles[N_COLUMNS] = {"ADDRESS", "ID",   "MODEL", "DRIVER",
					      "GROUP",   "NUMA", "DISKS", "STATE"};

/* What the table says of one controller. */
struct row {
	char cells[N_COLUMNS][320];
};

/* Can nvm_ctrl_open() reach it as it is? */
static bool is_ready(const struct nvm_pci_device *d)
{
	if (strcmp(d->driver, "vfio-pci") == 0)
		return true;
	return !d->iommu_translates &&
	       (d->driver[0] == '\0' || strcmp(d->driver, "uio_pci_generic") == 0);
}

/* The command that makes it so. */
static void make_command(const struct nvm_pci_device *d, char *text, size_t size)
{
	snprintf(text, size, "nvm-bind %s --driver=%s", d->bdf,
		 d->iommu_group < 0 ? "none" : "vfio-pci");
}

/* Model number as the kernel's driver knows it, "" if that is not there. */
static void read_model(const struct nvm_pci_device *d, char *text, size_t size)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/nvme", d->bdf);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while (text[0] == '\0' && (entry = readdir(dir)) != NULL) {
		FILE *file;

		if (strncmp(entry->d_name, "nvme", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/nvme/%.40s/model", d->bdf,
			 entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fgets(text, (int)size, file) == NULL)
			text[0] = '\0';
		fclose(file);
	}
	closedir(dir);
	for (size_t n = strlen(text); n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\n'); n--)
		text[n - 1] = '\0';
	for (char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static void cell_text(char *cell, size_t size, const char *text)
{
	snprintf(cell, size, "%s", text[0] == '\0' ? "-" : text);
}

static void cell_number(char *cell, size_t size, int number)
{
	if (number < 0)
		snprintf(cell, size, "-");
	else
		snprintf(cell, size, "%d", number);
}

static void cell_state(char *cell, size_t size, const struct nvm_pci_device *d)
{
	char command[96];

	make_command(d, command, sizeof(command));
	if (d->in_use[0] != '\0')
		snprintf(cell, size, "in use: %s", d->in_use);
	else if (is_ready(d))
		snprintf(cell, size, "ready: --ctrl=%s", d->uri);
	else
		snprintf(cell, size, "to use it: %s", command);
}

static void fill_row(struct row *row, const struct nvm_pci_device *d)
{
	const size_t size = sizeof(row->cells[0]);
	char model[48];

	read_model(d, model, sizeof(model));
	cell_text(row->cells[ADDRESS], size, d->bdf);
	snprintf(row->cells[ID], size, "%04x:%04x", d->vendor, d->device);
	cell_text(row->cells[MODEL], size, model);
	cell_text(row->cells[DRIVER], size, d->driver);
	cell_number(row->cells[GROUP], size, d->iommu_group);
	cell_number(row->cells[NUMA], size, d->numa_node);
	cell_text(row->cells[DISKS], size, d->block_devices);
	cell_state(row->cells[STATE], size, d);
}

static void print_rows(const struct row *rows, size_t n)
{
	int widths[N_COLUMNS] = {0};

	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < N_COLUMNS; c++)
			if (widths[c] < (int)strlen(rows[i].cells[c]))
				widths[c] = (int)strlen(rows[i].cells[c]);
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < N_COLUMNS; c++)
			if (c == N_COLUMNS - 1)
				printf("%s\n", rows[i].cells[c]);
			else
				printf("%-*s  ", widths[c], rows[i].cells[c]);
}

static int print_table(const struct nvm_pci_device *devices, size_t n)
{
	struct row *rows;

	if (n == 0) {
		printf("There is no NVMe controller on the PCI bus. The software controller needs none: "
		       "try nvm-identify --ctrl=emu:\n");
		return TOOL_OK;
	}
	rows = calloc(n + 1, sizeof(*rows));
	if (rows == NULL)
		return tool_fail("out of memory");
	for (int c = 0; c < N_COLUMNS; c++)
		cell_text(rows[0].cells[c], sizeof(rows[0].cells[c]), titles[c]);
	for (size_t i = 0; i < n; i++)
		fill_row(&rows[i + 1], &devices[i]);
	print_rows(rows, n + 1);
	free(rows);
	return TOOL_OK;
}

/* null for what is not known or not there. */
static void add_text(struct json_object *object, const char *key, const char *text)
{
	if (text[0] == '\0')
		json_add_null(object, key);
	else
		json_add_text(object, key, text);
}

static void add_number(struct json_object *object, const char *key, int number)
{
	if (number < 0)
		json_add_null(object, key);
	else
		json_add_uint(object, key, (uint64_t)number);
}

static struct json_object *block_devices(const struct nvm_pci_device *d)
{
	struct json_object *array = json_make_array();
	char names[sizeof(d->block_devices)], *save = NULL;

	memcpy(names, d->block_devices, sizeof(names));
	for (char *name = strtok_r(names, " ", &save); name != NULL;
	     name = strtok_r(NULL, " ", &save))
		json_append(array, json_object_new_string(name));
	return array;
}

static struct json_object *describe(const struct nvm_pci_device *d)
{
	struct json_object *object = json_make_object();
	char model[48], command[96];

	read_model(d, model, sizeof(model));
	make_command(d, command, sizeof(command));
	json_add_text(object, "address", d->bdf);
	json_add_hex(object, "vendor", d->vendor, 4);
	json_add_hex(object, "device", d->device, 4);
	add_text(object, "model", model);
	add_text(object, "driver", d->driver);
	add_number(object, "iommu_group", d->iommu_group);
	json_add_bool(object, "iommu_translates", d->iommu_translates);
	add_number(object, "numa_node", d->numa_node);
	json_add(object, "block_devices", block_devices(d));
	add_text(object, "in_use", d->in_use);
	json_add_text(object, "uri", d->uri);
	json_add_bool(object, "ready", is_ready(d) && d->in_use[0] == '\0');
	add_text(object, "command", is_ready(d) ? "" : command);
	return object;
}

static int print_json(const struct nvm_pci_device *devices, size_t n)
{
	struct json_object *object = json_make_object(), *array = json_make_array();

	for (size_t i = 0; i < n; i++)
		json_append(array, describe(&devices[i]));
	json_add(object, "controllers", array);
	return tool_json_print(object);
}

static int list(enum tool_format format)
{
	struct nvm_pci_device *devices;
	int status, result;
	size_t n;

	status = nvm_pci_list(&devices, &n);
	if (!nvm_ok(status))
		return tool_fail_status(status);
	result = format == TOOL_JSON ? print_json(devices, n) : print_table(devices, n);
	free(devices);
	return result;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {TOOL_OPTIONS, {NULL, 0, NULL, 0}};
	struct tool_common common = {.format = TOOL_NORMAL};
	int option, result;

	while ((option = tool_getopt(argc, argv, ":hV", longs)) != -1) {
		result = tool_common_option(&common, option, help);
		if (result != 0 || common.done)
			return result;
	}
	result = tool_no_arguments(argc, argv);
	return result != 0 ? result : list(common.format);
}

int main(int argc, char **argv)
{
	tool_begin("nvm-list");
	return tool_end(run(argc, argv));
}
