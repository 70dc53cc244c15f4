// Pictures into bytes: JPEG and PNG decoded, and resized as Pillow does it. The libraries' errors end in
// this module: no jump of theirs leaves it.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum ci_status {
  CI_OK = 0,
  // Neither JPEG nor PNG.
  CI_UNKNOWN = 1,
  // Damaged, cut off, or of a kind that the library does not decode.
  CI_DAMAGED = 2,
  // More pixels than `ci_most_pixels`, or than the caller's buffer holds.
  CI_TOO_LARGE = 3,
};

// More are no picture that anybody trains on; a file of a few bytes can claim billions.
enum { ci_most_pixels = 1 << 26 };

struct ci_picture {
  size_t width, height;
  // What the library complained of without giving up.
  long warnings;
  // The first of them, or what went wrong.
  char words[200];
};

// Finds the size of a picture by its first bytes.
enum ci_status ci_size(const uint8_t *bytes, size_t count, struct ci_picture *picture);

// Decodes into `pixels`, rows of `width` pixels of `channels` bytes: 3 for RGB, 1 for grey. Palettes are
// looked up, 16 bits cut to their upper 8, alpha dropped, CMYK taken as Adobe writes it; grey and colour are
// made of each other as Pillow's convert("RGB") and convert("L") do it.
enum ci_status ci_decode(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture);

// The part of a picture that is kept after a resize: it is first made `width` x `height`, then cut to
// `columns` x `rows` from (`left`, `top`).
struct ci_frame {
  size_t width, height, left, top, columns, rows;
};

// The bytes that `ci_resize` needs beside source and target.
size_t ci_resize_scratch(size_t width, size_t height, int channels, const struct ci_frame *frame);

// Resizes with a triangle filter whose support grows with the ratio (Pillow's BILINEAR): coefficients of 22
// bits, rounded and clipped to bytes after the pass along rows and again after that along columns. `target`
// has one plane [rows, columns] for each channel; `scratch` is aligned to 64 bytes.
void ci_resize(
    const uint8_t *pixels, size_t width, size_t height, int channels, const struct ci_frame *frame,
    uint8_t *target, void *scratch);

// Sum and sum of squares of bytes.
void ci_moments(const uint8_t *bytes, size_t count, uint64_t *sum, uint64_t *squares);
