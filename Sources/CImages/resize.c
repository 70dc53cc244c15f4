#include <math.h>
#include <string.h>

#include "CImages.h"

// Compiled three times on x86-64 with glibc, for AVX-512, AVX2 and any processor; the loader picks.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CI_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CI_CLONES
#endif

// Coefficients are whole numbers of 2^-22: 32 bits less 8 of a pixel and 2 for sums above 1.
enum { precision = 22 };

// What a line of pixels is resized by: for each target pixel the first source pixel, how many there are,
// and their coefficients, `width` apart.
struct filter {
  int32_t *coefficients;
  int32_t *first;
  int32_t *counts;
  size_t width;
};

static size_t filter_width(size_t from, size_t to) {
  double scale = (double)from / (double)to;
  return (size_t)ceil(scale < 1 ? 1 : scale) * 2 + 1;
}

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t filter_bytes(size_t from, size_t to, size_t count) {
  return aligned(filter_width(from, to) * count * 4) + 2 * aligned(count * 4)
       + aligned(filter_width(from, to) * 8);
}

// The filter of the target pixels `start` to `start + count` of `to`, from `from` pixels.
static struct filter make_filter(
    size_t from, size_t to, size_t start, size_t count, uint8_t **scratch) {
  struct filter filter;
  filter.width = filter_width(from, to);
  filter.coefficients = (int32_t *)*scratch;
  *scratch += aligned(filter.width * count * 4);
  filter.first = (int32_t *)*scratch;
  *scratch += aligned(count * 4);
  filter.counts = (int32_t *)*scratch;
  *scratch += aligned(count * 4);
  double *weights = (double *)*scratch;
  *scratch += aligned(filter.width * 8);
  const double scale = (double)from / (double)to;
  const double support = scale < 1 ? 1 : scale;
  const double inverse = 1 / support;
  for (size_t i = 0; i < count; i++) {
    const double center = ((double)(start + i) + 0.5) * scale;
    int first = (int)(center - support + 0.5);
    if (first < 0) first = 0;
    int end = (int)(center + support + 0.5);
    if (end > (int)from) end = (int)from;
    double sum = 0;
    for (int x = 0; x < end - first; x++) {
      double distance = fabs(((double)(x + first) - center + 0.5) * inverse);
      weights[x] = distance < 1 ? 1 - distance : 0;
      sum += weights[x];
    }
    int32_t *line = filter.coefficients + i * filter.width;
    for (int x = 0; x < end - first; x++) {
      double weight = sum != 0 ? weights[x] / sum : weights[x];
      line[x] = (int32_t)(0.5 + weight * (1 << precision));
    }
    filter.first[i] = first;
    filter.counts[i] = end - first;
  }
  return filter;
}

static uint8_t clipped(int32_t sum) {
  int32_t value = sum >> precision;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

// One row of interleaved pixels along itself.
CI_CLONES static void along_row(
    const uint8_t *restrict from, uint8_t *restrict to, size_t count, int channels,
    const struct filter *filter) {
  for (size_t i = 0; i < count; i++) {
    const int32_t *line = filter->coefficients + i * filter->width;
    const int taps = filter->counts[i];
    const uint8_t *source = from + (size_t)filter->first[i] * (size_t)channels;
    if (channels == 3) {
      int32_t red = 1 << (precision - 1), green = red, blue = red;
      for (int x = 0; x < taps; x++) {
        red += source[3 * x] * line[x];
        green += source[3 * x + 1] * line[x];
        blue += source[3 * x + 2] * line[x];
      }
      to[3 * i] = clipped(red);
      to[3 * i + 1] = clipped(green);
      to[3 * i + 2] = clipped(blue);
    } else {
      int32_t sum = 1 << (precision - 1);
      for (int x = 0; x < taps; x++) sum += source[x] * line[x];
      to[i] = clipped(sum);
    }
  }
}

// A row of sums down columns: `taps` rows of bytes, each times its weight.
CI_CLONES static void down_columns(
    const uint8_t *restrict from, size_t line, const int32_t *weights, int taps,
    int32_t *restrict sums) {
  for (size_t i = 0; i < line; i++) sums[i] = 1 << (precision - 1);
  for (int t = 0; t < taps; t++) {
    const uint8_t *restrict row = from + (size_t)t * line;
    const int32_t weight = weights[t];
    for (size_t i = 0; i < line; i++) sums[i] += row[i] * weight;
  }
}

CI_CLONES void ci_moments(
    const uint8_t *bytes, size_t count, uint64_t *sum, uint64_t *squares) {
  uint64_t total = 0, total_squares = 0;
  while (count > 0) {
    // So many squares of bytes fit into 32 bits.
    const size_t part = count < 65536 ? count : 65536;
    uint32_t some = 0, some_squares = 0;
    for (size_t i = 0; i < part; i++) {
      const uint32_t value = bytes[i];
      some += value;
      some_squares += value * value;
    }
    total += some;
    total_squares += some_squares;
    bytes += part;
    count -= part;
  }
  *sum = total;
  *squares = total_squares;
}

// Where the rows and columns of a frame come from.
static int resizes_rows(size_t width, const struct ci_frame *frame) { return frame->width != width; }
static int resizes_columns(size_t height, const struct ci_frame *frame) {
  return frame->height != height;
}

// The first source row that the frame needs, and how many.
static void needed_rows(size_t height, const struct ci_frame *frame, size_t *first, size_t *count) {
  *first = frame->top;
  *count = frame->rows;
  if (!resizes_columns(height, frame)) return;
  const double scale = (double)height / (double)frame->height;
  const double support = scale < 1 ? 1 : scale;
  double low = ((double)frame->top + 0.5) * scale - support + 0.5;
  double high = ((double)(frame->top + frame->rows) - 0.5) * scale + support + 0.5;
  *first = low < 0 ? 0 : (size_t)low;
  size_t end = (size_t)high;
  if (end > height) end = height;
  *count = end - *first;
}

size_t ci_resize_scratch(size_t width, size_t height, int channels, const struct ci_frame *frame) {
  size_t first, count;
  needed_rows(height, frame, &first, &count);
  const size_t line = frame->columns * (size_t)channels;
  return filter_bytes(width, frame->width, frame->columns)
       + filter_bytes(height, frame->height, frame->rows) + aligned(count * line)
       + aligned(line * 4) + 64;
}

void ci_resize(
    const uint8_t *pixels, size_t width, size_t height, int channels, const struct ci_frame *frame,
    uint8_t *target, void *scratch) {
  uint8_t *free = scratch;
  const size_t line = frame->columns * (size_t)channels;
  size_t first, count;
  needed_rows(height, frame, &first, &count);
  uint8_t *band = free;
  free += aligned(count * line);
  int32_t *sums = (int32_t *)free;
  free += aligned(line * 4);
  if (resizes_rows(width, frame)) {
    struct filter filter = make_filter(width, frame->width, frame->left, frame->columns, &free);
    for (size_t y = 0; y < count; y++)
      along_row(
          pixels + (first + y) * width * (size_t)channels, band + y * line, frame->columns,
          channels, &filter);
  } else {
    for (size_t y = 0; y < count; y++)
      memcpy(
          band + y * line, pixels + ((first + y) * width + frame->left) * (size_t)channels, line);
  }
  const size_t area = frame->columns * frame->rows;
  struct filter filter = {0};
  const int resizes = resizes_columns(height, frame);
  if (resizes) filter = make_filter(height, frame->height, frame->top, frame->rows, &free);
  for (size_t y = 0; y < frame->rows; y++) {
    uint8_t *out = target + y * frame->columns;
    const uint8_t *source = band + y * line;
    if (resizes) {
      down_columns(
          band + ((size_t)filter.first[y] - first) * line, line,
          filter.coefficients + y * filter.width, filter.counts[y], sums);
      for (int c = 0; c < channels; c++)
        for (size_t x = 0; x < frame->columns; x++)
          out[(size_t)c * area + x] = clipped(sums[x * (size_t)channels + (size_t)c]);
    } else {
      for (int c = 0; c < channels; c++)
        for (size_t x = 0; x < frame->columns; x++)
          out[(size_t)c * area + x] = source[x * (size_t)channels + (size_t)c];
    }
  }
}
