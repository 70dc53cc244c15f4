// The loops of a tangent pass for which oneDNN has no primitive. Each runs over chunks of images on
// oneDNN's own threads; sums are added up chunk by chunk, so they do not depend on the threads.
#include <stdint.h>
#include <string.h>

#include "grid.h"
#include "handles.h"

// Results are written past the caches, which they would only sweep: the next reader is a convolution
// over the whole tensor.
typedef float lanes_vector __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));

INLINE void store_done(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

INLINE void store(float *to, const float *from, int lanes) {
  if (lanes == LANES && (uintptr_t)to % sizeof(lanes_vector) == 0) {
    lanes_vector v;
    memcpy(&v, from, sizeof v);
    __builtin_nontemporal_store(v, (lanes_vector *)to);
  } else {
    for (int k = 0; k < lanes; k++) to[k] = from[k];
  }
}

int odnn_layout_block(const odnn_layout *layout, int rank, const int64_t *dims) {
  if (rank != 4) return 0;
  static const dnnl_format_tag_t tags[] = {dnnl_nchw, dnnl_nhwc, dnnl_nChw4c, dnnl_nChw8c, dnnl_nChw16c};
  const int blocks[] = {1, (int)dims[1], 4, 8, 16};
  // With one pixel or one channel several orders have the same bytes; the widest block is the fastest.
  for (int i = 4; i >= 0; i--) {
    odnn_layout candidate;
#if ODNN_GENERATION >= 3
    if (dnnl_memory_desc_create_with_tag(&candidate.desc, rank, dims, dnnl_f32, tags[i])) continue;
#else
    if (dnnl_memory_desc_init_by_tag(candidate.desc, rank, dims, dnnl_f32, tags[i])) continue;
#endif
    bool same = odnn_layout_equal(layout, &candidate);
#if ODNN_GENERATION >= 3
    dnnl_memory_desc_destroy(candidate.desc);
#endif
    if (same) return blocks[i];
  }
  return 0;
}

typedef struct {
  const odnn_grid *grid;
  const odnn_norm_tensors *t;
  const float *coefficients;
  double *sums;
} norm_job;

INLINE void forward_sums(const norm_job *job, int64_t from, int64_t to, double *sums, int64_t c, int lanes) {
  const odnn_grid *g = job->grid;
  int64_t all = padded(g);
  const float *mean = job->coefficients + c, *inverse = mean + all;
  double a[LANES] = {0}, b[LANES] = {0};
  for (int64_t n = from; n < to; n++) {
    size_t p = place(g, n, c);
    const float *x = job->t->x + p, *rx = job->t->rx + p;
    for (int64_t s = 0; s < g->area; s++, x += g->block, rx += g->block)
      for (int k = 0; k < lanes; k++) {
        double r = (double)rx[k];
        a[k] += r;
        b[k] += r * (double)((x[k] - mean[k]) * inverse[k]);
      }
  }
  for (int k = 0; k < lanes; k++) {
    sums[c + k] = a[k];
    sums[all + c + k] = b[k];
  }
}

CLONES static void forward_sums_chunk(void *context, int i) {
  const norm_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
  double *sums = job->sums + (size_t)(2 * i) * padded(job->grid);
#define BODY(c, lanes) forward_sums(job, from, to, sums, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
}

INLINE void backward_sums(const norm_job *job, int64_t from, int64_t to, double *sums, int64_t c, int lanes) {
  const odnn_grid *grid = job->grid;
  int64_t all = padded(grid), block = grid->block;
  const float *mean = job->coefficients + c, *inverse = mean + all;
  double a0[LANES] = {0}, a1[LANES] = {0}, a2[LANES] = {0}, a3[LANES] = {0}, a4[LANES] = {0};
  for (int64_t n = from; n < to; n++) {
    size_t p = place(grid, n, c);
    const float *x = job->t->x + p, *g = job->t->g + p, *rg = job->t->rg + p;
    const float *rx = job->t->rx ? job->t->rx + p : NULL;
    const float *y = job->t->y ? job->t->y + p : NULL;
    for (int64_t s = 0; s < grid->area; s++, p += (size_t)block) {
      float gk[LANES], rgk[LANES];
      for (int k = 0; k < lanes; k++) {
        gk[k] = y && !(y[k] > 0) ? 0 : g[k];
        rgk[k] = y && !(y[k] > 0) ? 0 : rg[k];
      }
      for (int k = 0; k < lanes; k++) {
        double hat = (double)((x[k] - mean[k]) * inverse[k]);
        double gd = (double)gk[k], rgd = (double)rgk[k];
        a0[k] += gd;
        a1[k] += gd * hat;
        a2[k] += rgd;
        a3[k] += rgd * hat;
      }
      if (rx) {
        for (int k = 0; k < lanes; k++) a4[k] += (double)gk[k] * (double)rx[k];
        rx += block;
      }
      x += block, g += block, rg += block;
      if (y) y += block;
    }
  }
  for (int k = 0; k < lanes; k++) {
    sums[c + k] = a0[k];
    sums[all + c + k] = a1[k];
    sums[2 * all + c + k] = a2[k];
    sums[3 * all + c + k] = a3[k];
    sums[4 * all + c + k] = a4[k];
  }
}

CLONES static void backward_sums_chunk(void *context, int i) {
  const norm_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
  double *sums = job->sums + (size_t)(5 * i) * padded(job->grid);
#define BODY(c, lanes) backward_sums(job, from, to, sums, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
}

void odnn_norm_forward_sums(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients, double *sums) {
  norm_job job = {grid, t, coefficients, sums};
  odnn_parallel(ODNN_CHUNKS, &job, forward_sums_chunk);
  add_grid_chunks(grid, sums, 2);
}

void odnn_norm_backward_sums(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients,
                             double *sums) {
  norm_job job = {grid, t, coefficients, sums};
  odnn_parallel(ODNN_CHUNKS, &job, backward_sums_chunk);
  add_grid_chunks(grid, sums, 5);
}

INLINE void forward_apply(const norm_job *job, int64_t from, int64_t to, int64_t c, int lanes) {
  const odnn_grid *g = job->grid;
  int64_t all = padded(g), block = g->block;
  const float *mean = job->coefficients + c, *inverse = mean + all;
  const float *onx = mean + 2 * all, *onr = mean + 3 * all, *constant = mean + 4 * all;
  for (int64_t n = from; n < to; n++) {
    size_t p = place(g, n, c);
    const float *x = job->t->x + p, *rx = job->t->rx ? job->t->rx + p : NULL;
    const float *y = job->t->y ? job->t->y + p : NULL;
    float *out = job->t->out + p;
    for (int64_t s = 0; s < g->area; s++) {
      float value[LANES];
      for (int k = 0; k < lanes; k++) value[k] = onx[k] * ((x[k] - mean[k]) * inverse[k]) + constant[k];
      if (rx) {
        for (int k = 0; k < lanes; k++) value[k] += onr[k] * rx[k];
        rx += block;
      }
      if (y) {
        for (int k = 0; k < lanes; k++) value[k] = y[k] > 0 ? value[k] : 0;
        y += block;
      }
      store(out, value, lanes);
      x += block, out += block;
    }
  }
}

CLONES static void forward_apply_chunk(void *context, int i) {
  const norm_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
#define BODY(c, lanes) forward_apply(job, from, to, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
  store_done();
}

void odnn_norm_forward(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients) {
  norm_job job = {grid, t, coefficients, NULL};
  odnn_parallel(ODNN_CHUNKS, &job, forward_apply_chunk);
}

INLINE void backward_apply(const norm_job *job, int64_t from, int64_t to, int64_t c, int lanes) {
  const odnn_grid *grid = job->grid;
  int64_t all = padded(grid), block = grid->block;
  const float *q = job->coefficients + c;
  for (int64_t n = from; n < to; n++) {
    size_t p = place(grid, n, c);
    const float *x = job->t->x + p, *g = job->t->g + p, *rg = job->t->rg + p;
    const float *rx = job->t->rx ? job->t->rx + p : NULL;
    const float *y = job->t->y ? job->t->y + p : NULL;
    float *dx = job->t->dx + p, *rdx = job->t->rdx + p;
    for (int64_t s = 0; s < grid->area; s++) {
      float gk[LANES], rgk[LANES], first[LANES], second[LANES];
      for (int k = 0; k < lanes; k++) {
        gk[k] = y && !(y[k] > 0) ? 0 : g[k];
        rgk[k] = y && !(y[k] > 0) ? 0 : rg[k];
      }
      for (int k = 0; k < lanes; k++) {
        float hat = (x[k] - q[k]) * q[all + k];
        first[k] = q[2 * all + k] * gk[k] + q[3 * all + k] * hat + q[4 * all + k];
        second[k] = q[5 * all + k] * gk[k] + q[6 * all + k] * rgk[k] + q[7 * all + k] * hat + q[9 * all + k];
      }
      if (rx) {
        for (int k = 0; k < lanes; k++) second[k] += q[8 * all + k] * rx[k];
        rx += block;
      }
      store(dx, first, lanes);
      store(rdx, second, lanes);
      x += block, g += block, rg += block, dx += block, rdx += block;
      if (y) y += block;
    }
  }
}

CLONES static void backward_apply_chunk(void *context, int i) {
  const norm_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
#define BODY(c, lanes) backward_apply(job, from, to, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
  store_done();
}

void odnn_norm_backward(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients) {
  norm_job job = {grid, t, coefficients, NULL};
  odnn_parallel(ODNN_CHUNKS, &job, backward_apply_chunk);
}

typedef struct {
  const odnn_grid *grid;
  const odnn_pool *pool;
  const float *x, *y, *rx;
  float *ry;
} pool_job;

INLINE void pool_lanes(const pool_job *job, int64_t from, int64_t to, int64_t c, int lanes) {
  const odnn_pool *w = job->pool;
  odnn_grid in = *job->grid, out = in;
  in.area = w->height * w->width;
  out.area = w->out_height * w->out_width;
  for (int64_t n = from; n < to; n++) {
    size_t p = place(&in, n, c), q = place(&out, n, c);
    for (int64_t i = 0; i < w->out_height; i++)
      for (int64_t j = 0; j < w->out_width; j++) {
        const float *y = job->y + q + (i * w->out_width + j) * out.block;
        float value[LANES] = {0};
        // From the last place to the first, so that the first of equal ones stays.
        for (int64_t a = w->kernel - 1; a >= 0; a--)
          for (int64_t b = w->kernel - 1; b >= 0; b--) {
            size_t at = p + (size_t)(((i * w->stride + a) * w->width + j * w->stride + b) * in.block);
            for (int k = 0; k < lanes; k++) value[k] = job->x[at + k] == y[k] ? job->rx[at + k] : value[k];
          }
        float *ry = job->ry + q + (i * w->out_width + j) * out.block;
        for (int k = 0; k < lanes; k++) ry[k] = value[k];
      }
  }
}

CLONES static void pool_chunk(void *context, int i) {
  const pool_job *job = context;
  int64_t from, to;
  chunk(job->grid, i, &from, &to);
#define BODY(c, lanes) pool_lanes(job, from, to, c, lanes)
  FOR_LANES(job->grid, BODY)
#undef BODY
}

void odnn_max_pool_tangent(const odnn_grid *grid, const odnn_pool *pool, const float *x, const float *y,
                           const float *rx, float *ry) {
  pool_job job = {grid, pool, x, y, rx, ry};
  odnn_parallel(ODNN_CHUNKS, &job, pool_chunk);
}

typedef struct {
  odnn_kind kind;
  size_t count;
  const float *y, *ry, *g;
  float *out;
} activation_job;

CLONES static void activation_chunk(void *context, int i) {
  const activation_job *job = context;
  size_t from = job->count * (size_t)i / ODNN_CHUNKS, to = job->count * (size_t)(i + 1) / ODNN_CHUNKS;
  const float *y = job->y, *ry = job->ry, *g = job->g;
  float *out = job->out;
  if (job->kind == ODNN_TANH)
    for (size_t k = from; k < to; k++) out[k] -= 2 * y[k] * ry[k] * g[k];
  else
    for (size_t k = from; k < to; k++) out[k] += (1 - 2 * y[k]) * ry[k] * g[k];
}

void odnn_activation_second(odnn_kind kind, size_t count, const float *y, const float *ry, const float *g, float *out) {
  activation_job job = {kind, count, y, ry, g, out};
  odnn_parallel(ODNN_CHUNKS, &job, activation_chunk);
}
