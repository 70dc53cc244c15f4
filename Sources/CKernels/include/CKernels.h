// The few loops worth compiling per processor.
//
// Every function gives the same bits on every x86-64 processor: sums keep a fixed number of
// partial sums in Double, and no multiplication is fused with an addition where that would round
// differently.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// Σ xᵢ yᵢ with exact products and sixteen partial sums in Double. 0 for n = 0.
double ck_dot(const float *x, const float *y, size_t n);

/// Σ xᵢ in Double with sixteen partial sums. 0 for n = 0.
double ck_sum(const float *x, size_t n);

/// Σ (xᵢ − yᵢ)², differences and squares in Double, sixteen partial sums.
double ck_squared_distance(const float *x, const float *y, size_t n);

/// yᵢ ← a xᵢ + b vᵢ + c wᵢ in Float, each operation rounded; returns Σ yᵢ² in Double with sixteen
/// partial sums. The arrays do not overlap.
double ck_mix3(
    float *y, float a, const float *x, float b, const float *v, float c, const float *w, size_t n);

/// Whether each of the n elements is neither infinite nor NaN.
int ck_all_finite(const float *x, size_t n);

/// sumᵢ ← decay · sumᵢ + weight · xᵢ in Double.
void ck_accumulate(double *sum, const float *x, size_t n, double decay, double weight);

/// yᵢ ← the bits of the bfloat16 nearest to xᵢ, ties to even, from the Double in one rounding. Returns
/// whether all are finite.
int ck_narrow_bfloat16(uint16_t *y, const double *x, size_t n);

/// yᵢ ← sumᵢ / divisor, rounded to Float.
void ck_quotients(float *y, const double *sum, size_t n, double divisor);

/// One step of Welford's recursion: d = xᵢ − meanᵢ, meanᵢ ← meanᵢ + d · fraction,
/// squaresᵢ ← squaresᵢ + d (xᵢ − meanᵢ), with fraction 1/t for the t-th sample.
void ck_moments(double *mean, double *squares, const float *x, size_t n, double fraction);

/// yᵢ ← xᵢ − meanᵢ, rounded to Float.
void ck_differences(float *y, const float *x, const double *mean, size_t n);

/// yᵢ ← meanᵢ + deviationᵢ zᵢ + Σₖ coefficientsₖ rowsₖᵢ in Double, rounded to Float; row k begins at
/// rows + k · stride. The arrays do not overlap.
void ck_low_rank_sample(
    float *y, const float *mean, const double *deviation, const float *z, const float *rows,
    size_t stride, size_t count, const double *coefficients, size_t n);

/// uᵢ ← (xᵢ − meanᵢ) / varianceᵢ; the result is Σ (xᵢ − meanᵢ) uᵢ with sixteen partial sums.
double ck_scaled_residuals(
    double *u, const float *x, const float *mean, const float *variance, size_t n);

/// Σ xᵢ yᵢ with sixteen partial sums in Double. 0 for n = 0.
double ck_dot_double(const float *x, const double *y, size_t n);

/// The columns that the following three work on at a time; rows of d are so far apart.
#define CK_LEAF 256

/// dₜ ← xₜ − mean, rounded to Float precision, for n ≤ CK_LEAF columns of `rows` ≥ 1 rows, which lie
/// `stride` apart in x; columns from n on become 0. The mean is that of the rows, or 0 unless
/// `centred`; `mean` has CK_LEAF elements.
void ck_deviations(
    const float *x, size_t rows, size_t n, size_t stride, int centred, double *mean, double *d);

/// gramᵢⱼ ← gramᵢⱼ + Σ dᵢ dⱼ over CK_LEAF columns for j ≤ i < rows; gram is packed by rows of the
/// lower triangle.
void ck_add_gram(const double *d, size_t rows, double *gram);

/// yₖ ← Σₜ aₖₜ dₜ, rounded to Float, for n ≤ CK_LEAF columns; a is [outputs, rows], rows of y are
/// `stride` apart.
void ck_combine(
    const double *a, size_t outputs, const double *d, size_t rows, size_t n, float *y,
    size_t stride);

/// wᵢ ← wᵢ − rate · mᵢ / (√vᵢ / scale + epsilon). The arrays do not overlap.
void ck_subtract_over_root(
    float *w, const float *m, const float *v, size_t n, float rate, float scale, float epsilon);

/// wᵢ ← wᵢ − f xᵢ. The arrays of this and of the following functions do not overlap.
void ck_subtract_scaled(float *w, const float *x, size_t n, float f);

/// yᵢ ← yᵢ + f xᵢ.
void ck_add_scaled(float *y, const float *x, size_t n, float f);

/// yᵢ ← f yᵢ.
void ck_scale(float *y, size_t n, float f);

/// vᵢ ← μ vᵢ + updateᵢ; updateᵢ ← vᵢ.
void ck_momentum(float *update, float *v, size_t n, float mu);

/// vᵢ ← μ vᵢ + updateᵢ; updateᵢ ← updateᵢ + μ vᵢ.
void ck_nesterov(float *update, float *v, size_t n, float mu);

/// yᵢ ← decay yᵢ + weight xᵢ.
void ck_average(float *y, const float *x, size_t n, float decay, float weight);

/// yᵢ ← decay yᵢ + weight xᵢ².
void ck_average_squares(float *y, const float *x, size_t n, float decay, float weight);

/// yᵢ ← rate · mᵢ / (√vᵢ / scale + epsilon).
void ck_over_root(
    float *y, const float *m, const float *v, size_t n, float rate, float scale, float epsilon);

/// yᵢ ← rate · mᵢ / (√vᵢ + epsilon)^(1/2) for one root more, ^(1/4) for two.
void ck_over_roots(
    float *y, const float *m, const float *v, size_t n, float rate, float epsilon, int roots);

/// Asks for n elements to be in a first-level cache soon.
void ck_prefetch(const float *x, size_t n);

/// Blocks first..<first+blocks of the Philox4x32-10 stream (seed, stream): four words each.
void ck_philox(uint64_t seed, uint64_t stream, uint64_t first, size_t blocks, uint32_t *words);

/// maskᵢ ← 0 where word i of the stream's blocks from `first` on is below the threshold, else `kept`.
void ck_dropout_mask(
    uint64_t seed, uint64_t stream, uint64_t first, size_t n, uint32_t threshold, float kept,
    float *mask);

/// The two standard normal variates that Box–Muller's method makes of the words a and b.
void ck_normal_pair(uint32_t a, uint32_t b, float pair[2]);

/// Four standard normal variates (two Box–Muller pairs) for each of these blocks.
void ck_normals(uint64_t seed, uint64_t stream, uint64_t first, size_t blocks, float *variates);

/// Reserves the blocks of a part of a file, which becomes as long as that where it is shorter.
///
/// Returns 0, or the number of the error: ENOSPC, EDQUOT or EFBIG where there is no room, another one, such
/// as EOPNOTSUPP, where the file system reserves nothing.
int ck_reserve(int descriptor, int64_t offset, int64_t length);

/// Has failed allocations of that many bytes said to `call`, on the thread that asked for them, before
/// they return nothing.
void ck_on_failed_allocation(void (*call)(size_t bytes));

/// Lets this thread allocate no more than that at once, without asking anybody: for calls of a library that
/// believes what a file says. Returns what the limit was, to be set again.
size_t ck_limit_allocations(size_t bytes);

/// The number of processors that the affinity of this thread allows, at least 1.
int ck_allowed_processors(void);

/// Starts `/bin/sh -c command` in a process group of its own, with pipes for its standard input and output.
///
/// `extra` are variables, "NAME=value", of its environment besides those of this process; NULL ends them.
/// Returns its number, or the negative number of the error. `ck_clear_leftovers` ends it and its children.
int ck_spawn_shell(const char *command, const char *const *extra, int *input, int *output);

/// Waits at most so long for a child of `ck_spawn_shell` to end. Returns whether it has; `status` is then as
/// waitpid has it.
int ck_peek_child(int pid, int milliseconds, int *status);

/// Waits at most so long for a child of `ck_spawn_shell` to end, and kills what is left of its group.
void ck_end_child(int pid, int milliseconds);

/// Writes all bytes to a pipe. Returns 0, or the number of the error: EPIPE where nobody reads, without the
/// signal.
int ck_write_quietly(int descriptor, const char *bytes, size_t count);

/// Creates a folder for this user alone, whose name is `template` with its last six letters, XXXXXX, replaced.
/// Returns 0 or the number of the error. `ck_clear_leftovers` removes it.
int ck_create_folder(char *template_name);

/// Removes a folder of `ck_create_folder` with all that is in it. Returns 0 or the number of the error.
int ck_remove_folder(const char *path);

/// Ends all children of `ck_spawn_shell` with their groups, and removes all folders of `ck_create_folder`. Safe
/// in a signal handler; the process is to end after it.
void ck_clear_leftovers(void);

#if defined(__cplusplus)
}
#endif
