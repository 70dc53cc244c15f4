// One small surface over oneDNN 2.6-2.7 and 3.x.
//
// The two generations differ in how primitives are described (operation descriptors against one
// call), in who owns a memory descriptor (a struct by value against an opaque pointer), in the
// values of the BatchNorm flags and in how many descriptors an activation takes. All of that is
// hidden here; nothing of oneDNN's own headers reaches Swift.
//
// Every function that returns int returns oneDNN's status (0 is success) and leaves its results
// null on failure. All calls are made from one thread: primitives share oneDNN's scratchpad.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Nullability is stated so that Swift sees exactly which arguments may be absent.
#pragma clang assume_nonnull begin

typedef struct odnn_layout odnn_layout;        // logical shape and physical order of a tensor
typedef struct odnn_memory odnn_memory;        // a layout bound to an address
typedef struct odnn_primitive odnn_primitive;  // an operation ready to run
typedef struct odnn_call odnn_call;            // a primitive with all its arguments

typedef enum {
  ODNN_ANY,            // oneDNN chooses
  ODNN_ROW_MAJOR,      // nchw, oihw, nc, oi, x
  ODNN_CHANNELS_LAST,  // nhwc
  ODNN_BLOCKED         // nChw8c or nChw16c: blocks of odnn_block() channels
} odnn_format;

typedef enum {
  ODNN_SRC, ODNN_SRC_1, ODNN_WEIGHTS, ODNN_BIAS, ODNN_DST, ODNN_MEAN, ODNN_VARIANCE, ODNN_SCALE,
  ODNN_SHIFT, ODNN_WORKSPACE, ODNN_DIFF_SRC, ODNN_DIFF_WEIGHTS, ODNN_DIFF_BIAS, ODNN_DIFF_DST,
  ODNN_DIFF_SCALE, ODNN_DIFF_SHIFT, ODNN_ADDEND
} odnn_argument;

typedef enum { ODNN_RELU, ODNN_TANH, ODNN_LOGISTIC, ODNN_ADD, ODNN_MULTIPLY, ODNN_MAX_POOL, ODNN_AVERAGE_POOL } odnn_kind;

// The version, as major * 10000 + minor * 100 + patch.
int odnn_version(void);
// Channels in a block of oneDNN's layout for this processor: 16 with AVX-512, otherwise 8.
int odnn_block(void);
// Sets the number of oneDNN's threads, as far as OMP_THREAD_LIMIT allows; the result is that number, 0
// where its OpenMP runtime offers no way.
int odnn_set_threads(int count);
// Runs body(context, i) for i in 0..<count on oneDNN's own threads, so that one pool serves both.
void odnn_parallel(int count, void *_Nullable context, void (*body)(void *_Nullable, int));

int odnn_layout_create(odnn_layout *_Nullable *_Nonnull out, int rank, const int64_t *dims,
                       odnn_format format);
int odnn_layout_create_strided(odnn_layout *_Nullable *_Nonnull out, int rank, const int64_t *dims,
                               const int64_t *strides);
// A part of a tensor that starts at `offsets`, seen in the whole tensor's memory.
int odnn_layout_create_part(odnn_layout *_Nullable *_Nonnull out, const odnn_layout *whole,
                            const int64_t *dims, const int64_t *offsets);
// The same memory with the first two axes exchanged.
int odnn_layout_create_exchanged(odnn_layout *_Nullable *_Nonnull out, const odnn_layout *layout,
                                 int rank);
size_t odnn_layout_size(const odnn_layout *layout);
bool odnn_layout_equal(const odnn_layout *a, const odnn_layout *b);
void odnn_layout_destroy(odnn_layout *_Nullable layout);

int odnn_memory_create(odnn_memory *_Nullable *_Nonnull out, const odnn_layout *layout,
                       void *_Nullable address);
int odnn_memory_bind(odnn_memory *memory, void *address);
void odnn_memory_destroy(odnn_memory *_Nullable memory);

typedef struct {
  int64_t strides[2];
  int64_t padding[2];
  int64_t kernel[2];  // pooling only
  bool winograd;      // convolutions only: by Winograd's algorithm
} odnn_window;

typedef struct {
  bool relu;                                // maximum with zero after everything else
  const odnn_layout *_Nullable addend;      // a tensor added to the result (ODNN_ADDEND)
  bool accumulate;                          // the result is added to what DST holds
} odnn_epilogue;

int odnn_convolution_forward(odnn_primitive *_Nullable *_Nonnull out, bool training,
                             const odnn_layout *src, const odnn_layout *weights,
                             const odnn_layout *_Nullable bias, const odnn_layout *dst,
                             odnn_window window, odnn_epilogue epilogue);
int odnn_convolution_backward_data(odnn_primitive *_Nullable *_Nonnull out,
                                   const odnn_layout *diff_src, const odnn_layout *weights,
                                   const odnn_layout *diff_dst, odnn_window window);
int odnn_convolution_backward_weights(odnn_primitive *_Nullable *_Nonnull out,
                                      const odnn_layout *src, const odnn_layout *diff_weights,
                                      const odnn_layout *_Nullable diff_bias,
                                      const odnn_layout *diff_dst, odnn_window window);

int odnn_inner_product_forward(odnn_primitive *_Nullable *_Nonnull out, bool training,
                               const odnn_layout *src, const odnn_layout *weights,
                               const odnn_layout *_Nullable bias, const odnn_layout *dst,
                               odnn_epilogue epilogue);
int odnn_inner_product_backward_data(odnn_primitive *_Nullable *_Nonnull out,
                                     const odnn_layout *diff_src, const odnn_layout *weights,
                                     const odnn_layout *diff_dst);
int odnn_inner_product_backward_weights(odnn_primitive *_Nullable *_Nonnull out,
                                        const odnn_layout *src, const odnn_layout *diff_weights,
                                        const odnn_layout *_Nullable diff_bias,
                                        const odnn_layout *diff_dst);

int odnn_pooling_forward(odnn_primitive *_Nullable *_Nonnull out, bool training, odnn_kind kind,
                         const odnn_layout *src, const odnn_layout *dst, odnn_window window);
// `forward` is the primitive whose workspace the backward pass reads.
int odnn_pooling_backward(odnn_primitive *_Nullable *_Nonnull out, odnn_kind kind,
                          const odnn_layout *diff_src, const odnn_layout *diff_dst,
                          odnn_window window, const odnn_primitive *forward);

// `statistics`: the batch's mean and variance are computed into MEAN and VARIANCE; otherwise they are
// read from there and are constants to the gradient.
int odnn_batch_normalization_forward(odnn_primitive *_Nullable *_Nonnull out, bool training,
                                     bool statistics, const odnn_layout *layout, float epsilon,
                                     bool relu);
int odnn_batch_normalization_backward(odnn_primitive *_Nullable *_Nonnull out, bool statistics,
                                      const odnn_layout *layout, float epsilon, bool relu,
                                      const odnn_primitive *forward);

// The backward pass of an activation reads its result (ODNN_DST), not its argument.
int odnn_activation_forward(odnn_primitive *_Nullable *_Nonnull out, odnn_kind kind,
                            const odnn_layout *layout);
int odnn_activation_backward(odnn_primitive *_Nullable *_Nonnull out, odnn_kind kind,
                             const odnn_layout *layout);
int odnn_binary(odnn_primitive *_Nullable *_Nonnull out, odnn_kind kind, const odnn_layout *layout);
int odnn_reorder(odnn_primitive *_Nullable *_Nonnull out, const odnn_layout *from,
                 const odnn_layout *to);
void odnn_primitive_destroy(odnn_primitive *_Nullable primitive);

// ---- The loops of a tangent pass for which oneDNN has no primitive ----

// Images whose sums are added up on their own, so that they do not depend on the threads.
enum { ODNN_CHUNKS = 16 };

// How many channels lie side by side in a layout [N, C, H, W] (1: row-major, C: channels last); 0
// for an order that the loops here do not know.
int odnn_layout_block(const odnn_layout *layout, int rank, const int64_t *dims);

// The order of a tensor: element (n, c, s) is at ((n * ceil(C / block) + c / block) * area + s) *
// block + c % block. What is given per channel has ceil(C / block) * block entries, zero beyond C.
typedef struct { int64_t images, channels, area, block; } odnn_grid;

// Tensors of one shape and order. With y, the result of a ReLU that follows at once, everything
// after the normalisation is zero where y is.
typedef struct {
  const float *_Nullable x, *_Nullable rx, *_Nullable y, *_Nullable g, *_Nullable rg;
  float *_Nullable out, *_Nullable dx, *_Nullable rdx;
} odnn_norm_tensors;

// With h = (x - c0) c1 of the coefficients c0, c1, ... per channel:
// the sums of rx and rx h
void odnn_norm_forward_sums(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients,
                            double *sums);
// out = c2 h + c3 rx + c4
void odnn_norm_forward(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients);
// the sums of g, g h, rg, rg h, g rx
void odnn_norm_backward_sums(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients,
                             double *sums);
// dx = c2 g + c3 h + c4, rdx = c5 g + c6 rg + c7 h + c8 rx + c9
void odnn_norm_backward(const odnn_grid *grid, const odnn_norm_tensors *t, const float *coefficients);
// the mean of x, and its biased variance
void odnn_norm_statistics(const odnn_grid *grid, const float *x, double *sums);
// `sums` has room for ODNN_CHUNKS times what it returns.

typedef struct { int64_t height, width, out_height, out_width, kernel, stride; } odnn_pool;
// ry = rx at the place in each window of x that won, the first of equal ones. The grid's area is not
// read.
void odnn_max_pool_tangent(const odnn_grid *grid, const odnn_pool *pool, const float *x, const float *y,
                           const float *rx, float *ry);

// out += s''(z) rz g for ry = s'(z) rz and y = s(z), s the hyperbolic tangent or the logistic function.
void odnn_activation_second(odnn_kind kind, size_t count, const float *y, const float *ry, const float *g,
                            float *out);

// The layout that the primitive wants for an argument, or null where it takes none. Caller owns.
odnn_layout *_Nullable odnn_primitive_layout(const odnn_primitive *primitive,
                                             odnn_argument argument);
// The bytes that it takes of the scratchpad that all primitives share.
int64_t odnn_primitive_scratchpad(const odnn_primitive *primitive);
// oneDNN's name of the implementation, such as "jit:avx2"; one that starts with "ref" is slow.
const char *odnn_primitive_implementation(const odnn_primitive *primitive);

int odnn_call_create(odnn_call *_Nullable *_Nonnull out, odnn_primitive *primitive, int count,
                     const odnn_argument *arguments, odnn_memory *_Nonnull const *_Nonnull memories);
int odnn_call_run(const odnn_call *call);
void odnn_call_destroy(odnn_call *_Nullable call);

#pragma clang assume_nonnull end
