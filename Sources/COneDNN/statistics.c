// A batch's mean and variance of each channel with sums in Double, where Float's would lose digits.
#include "grid.h"
#include "handles.h"

typedef struct {
  const odnn_grid *grid;
  const float *x;
  double *sums;
} statistics_job;

// The sums of d and d², d the distance from the channel's first element, by which no digits are lost
// where the mean is far from 0.
INLINE void distance_sums(const statistics_job *job, int64_t from, int64_t to, double *sums, int64_t c, int lanes) {
  const odnn_grid *g = job->grid;
  int64_t all = padded(g);
  double shift[LANES], a[LANES] = {0}, b[LANES] = {0};
  for (int k = 0; k < lanes; k++) shift[k] = (double)job->x[place(g, 0, c) + (size_t)k];
  for (int64_t n = from; n < to; n++) {
    const float *x = job->x + place(g, n, c);
    for (int64_t s = 0; s < g->area; s++, x += g->block)
      for (int k = 0; k < lanes; k++) {
        double d = (double)x[k] - shift[k];
        a[k] += d;
        b[k] += d * d;
      }
  }
  for (int k = 0; k < lanes; k++) {
    sums[c + k] = a[k];
    sums[all + c + k] = b[k];
  }
}

CLONES static void distance_sums_chunk(void *context, int i) {
  const statistics_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
  double *sums = job->sums + (size_t)(2 * i) * padded(job->grid);
#define BODY(c, lanes) distance_sums(job, from, to, sums, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
}

void odnn_norm_statistics(const odnn_grid *grid, const float *x, double *sums) {
  statistics_job job = {grid, x, sums};
  odnn_parallel(ODNN_CHUNKS, &job, distance_sums_chunk);
  add_grid_chunks(grid, sums, 2);
  int64_t all = padded(grid);
  double count = (double)(grid->images * grid->area);
  for (int64_t c = 0; c < grid->channels; c++) {
    double mean = sums[c] / count;
    double variance = sums[all + c] / count - mean * mean;
    sums[c] = mean + (double)x[place(grid, 0, c)];
    // Not max(0, …), which would hide a NaN.
    sums[all + c] = variance < 0 ? 0 : variance;
  }
}
