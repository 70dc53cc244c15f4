// What the two decoders share.
#pragma once
#include <stdio.h>
#include <string.h>

#include "CImages.h"

enum ci_status ci_jpeg(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture);
enum ci_status ci_png(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture);

// Whether a buffer holds a picture; pixels NULL asks for the size alone.
static inline enum ci_status ci_check_room(
    struct ci_picture *picture, int channels, const uint8_t *pixels, size_t capacity) {
  if (picture->width == 0 || picture->height == 0) {
    snprintf(picture->words, sizeof picture->words, "has no pixels");
    return CI_DAMAGED;
  }
  if (picture->width > ci_most_pixels / picture->height) {
    snprintf(
        picture->words, sizeof picture->words, "%zu x %zu pixels are more than %d million",
        picture->width, picture->height, ci_most_pixels >> 20);
    return CI_TOO_LARGE;
  }
  if (pixels && capacity < picture->width * picture->height * (size_t)channels) return CI_TOO_LARGE;
  return CI_OK;
}

// Pillow's convert("L"): weights of ITU-R 601-2 in 16 bits.
static inline uint8_t ci_luma(uint8_t red, uint8_t green, uint8_t blue) {
  return (uint8_t)((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
}
