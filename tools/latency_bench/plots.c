/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plots.c - --histogram and --plot: latency on the terminal, or by gnuplot into a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "common/plot.h"

/* Where plots on the terminal go: not between JSON, or records. */
static FILE *terminal(const struct bench *b)
{
	return b->text != NULL ? b->text : stderr;
}

static void print_curve(FILE *file, const struct histogram *h)
{
	char label[64];

	for (size_t i = 0; i < LATENCY_RANKS; ++i) {
		double us = (double)histogram_percentile(h, latency_ranks[i]) / 1e3;

		snprintf(label, sizeof(label), "%8s %% %12.3f us", latency_rank_names[i], us);
		plot_bar(file, label, us, (double)h->max / 1e3);
	}
	snprintf(label, sizeof(label), "%8s   %12.3f us", "max", (double)h->max / 1e3);
	plot_bar(file, label, (double)h->max, (double)h->max);
}

static void print_curves(const struct bench *b)
{
	FILE *file = terminal(b);

	for (size_t p = 0; p < b->n_phases; ++p)
		for (int op = 0; op < 2; ++op) {
			if (b->phases[p].latency[op] == NULL || b->phases[p].latency[op]->n == 0)
				continue;
			fprintf(file, "Latency of %ss by percentile\n",
				operation_name((enum operation)op));
			print_curve(file, b->phases[p].latency[op]);
		}
}

static void print_histograms(const struct bench *b)
{
	FILE *file = terminal(b);

	for (size_t p = 0; p < b->n_phases; ++p)
		for (int op = 0; op < 2; ++op) {
			if (b->phases[p].latency[op] == NULL || b->phases[p].latency[op]->n == 0)
				continue;
			fprintf(file, "Histogram of the latency of %ss\n",
				operation_name((enum operation)op));
			plot_histogram(file, b->phases[p].latency[op]);
		}
}

/* In gnuplot's single quotes, a quote is two. */
static void put_quoted(FILE *file, const char *text)
{
	putc('\'', file);
	for (; *text != '\0'; ++text) {
		if (*text == '\'')
			putc('\'', file);
		putc(*text, file);
	}
	putc('\'', file);
}

/* Points up to the percentile that the last but one sample stands for. */
static void put_points(FILE *file, const struct histogram *h)
{
	double left = 1;

	for (int i = 0; i < 400 && left * (double)h->n >= 1; ++i, left *= 0.95)
		fprintf(file, "%.9g %.3f\n", 1 / left,
			(double)histogram_percentile(h, 100 * (1 - left)) / 1e3);
	fputs("e\n", file);
}

static void put_script(FILE *file, const struct bench *b, const char *type)
{
	const char *separator = "plot ";

	fprintf(file, "set terminal %s size 960,600\nset output ", type);
	put_quoted(file, b->args->plot);
	fputs("\nset logscale xy\nset grid\nset rmargin 8\nset key top left\n"
	      "set xtics ('0' 1, '50 %%' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1000, "
	      "'99.99 %%' 1e4, '99.999 %%' 1e5, '99.9999 %%' 1e6)\n"
	      "set xlabel 'percentile'\nset ylabel 'latency (us)'\nset title ",
	      file);
	put_quoted(file, nvm_ctrl_name(b->ctrl));
	fputs(" noenhanced\n", file);
	for (size_t p = 0; p < b->n_phases; ++p)
		for (int op = 0; op < 2; ++op) {
			if (b->phases[p].latency[op] == NULL || b->phases[p].latency[op]->n == 0)
				continue;
			fprintf(file, "%s'-' with lines linewidth 2 title '%s'", separator,
				operation_name((enum operation)op));
			separator = ", ";
		}
	fputc('\n', file);
	for (size_t p = 0; p < b->n_phases; ++p)
		for (int op = 0; op < 2; ++op)
			if (b->phases[p].latency[op] != NULL && b->phases[p].latency[op]->n != 0)
				put_points(file, b->phases[p].latency[op]);
}

static bool have_gnuplot(void)
{
	return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

static const char *terminal_type(const char *name)
{
	size_t length = strlen(name);

	if (length > 4 && strcmp(name + length - 4, ".png") == 0)
		return "png";
	return "svg";
}

static bool has_results(const struct bench *b)
{
	for (size_t p = 0; p < b->n_phases; ++p)
		for (int op = 0; op < 2; ++op)
			if (b->phases[p].latency[op] != NULL && b->phases[p].latency[op]->n != 0)
				return true;
	return false;
}

static int plot_to_file(const struct bench *b)
{
	const char *name = b->args->plot;
	int fd = files_create(name);
	FILE *gnuplot;
	int status;

	if (fd < 0)
		return TOOL_FAILURE;
	close(fd);
	gnuplot = popen("exec gnuplot 2>/dev/null", "we");
	if (gnuplot == NULL)
		return tool_fail("cannot start gnuplot: %s", strerror(errno));
	put_script(gnuplot, b, terminal_type(name));
	status = pclose(gnuplot);
	if (status != 0)
		return tool_fail("gnuplot could not draw %s (exit status %d): does it have the %s "
				 "terminal? --plot=- needs none",
				 name, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				 terminal_type(name));
	return 0;
}

int report_plots(const struct bench *b)
{
	if (b->args->histogram)
		print_histograms(b);
	if (b->args->plot == NULL || !has_results(b))
		return 0;
	if (strcmp(b->args->plot, "-") != 0 && have_gnuplot())
		return plot_to_file(b);
	print_curves(b);
	if (strcmp(b->args->plot, "-") != 0)
		fprintf(terminal(b),
			"This is no %s: there is no gnuplot here, which draws files; install it\n",
			b->args->plot);
	return 0;
}
