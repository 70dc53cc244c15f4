#include <setjmp.h>
#include <stdlib.h>

#include "pictures.h"
#include <png.h>

struct source {
  const uint8_t *bytes;
  size_t count, position;
};

static void give(png_structp png, png_bytep target, size_t length) {
  struct source *source = png_get_io_ptr(png);
  if (length > source->count - source->position) png_error(png, "is cut off");
  memcpy(target, source->bytes + source->position, length);
  source->position += length;
}

static void fail(png_structp png, png_const_charp words) {
  struct ci_picture *picture = png_get_error_ptr(png);
  snprintf(picture->words, sizeof picture->words, "%.190s", words);
  png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp words) {
  struct ci_picture *picture = png_get_error_ptr(png);
  if (picture->warnings++ == 0) snprintf(picture->words, sizeof picture->words, "%.190s", words);
}

// Every picture becomes rows of 8-bit grey or RGB, as Pillow's convert has it: alpha and gamma do not
// matter.
static void choose_transforms(png_structp png, png_infop info) {
  const int type = png_get_color_type(png, info);
  const int depth = png_get_bit_depth(png, info);
  if (depth == 16) png_set_strip_16(png);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (type & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS)) png_set_strip_alpha(png);
}

enum ci_status ci_png(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture) {
  struct source source = {bytes, count, 0};
  uint8_t *volatile image = NULL;
  png_bytepp volatile rows = NULL;
  png_infop volatile info = NULL;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture, fail, warn);
  if (!png) return CI_DAMAGED;
  if (setjmp(png_jmpbuf(png))) {
    png_structp gone = png;
    png_infop its = info;
    png_destroy_read_struct(&gone, its ? &its : NULL, NULL);
    free(image);
    free(rows);
    return CI_DAMAGED;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "out of memory");
  png_set_user_limits(png, ci_most_pixels, ci_most_pixels);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_read_fn(png, &source, give);
  png_read_info(png, info);
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  enum ci_status status = ci_check_room(picture, channels, pixels, capacity);
  if (status == CI_OK && pixels) {
    choose_transforms(png, info);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t length = png_get_rowbytes(png, info);
    const int own = png_get_channels(png, info);
    if ((own != 1 && own != 3) || length != picture->width * (size_t)own)
      png_error(png, "has an unknown kind of pixels");
    const int direct = own == channels;
    if (!direct) {
      image = malloc(length * picture->height);
      if (!image) png_error(png, "out of memory");
    }
    rows = malloc(picture->height * sizeof *rows);
    if (!rows) png_error(png, "out of memory");
    for (size_t y = 0; y < picture->height; y++)
      rows[y] = (direct ? pixels : image) + y * length;
    png_read_image(png, rows);
    const size_t area = picture->width * picture->height;
    for (size_t i = 0; !direct && i < area; i++) {
      if (channels == 3) {
        pixels[3 * i] = pixels[3 * i + 1] = pixels[3 * i + 2] = image[i];
      } else {
        pixels[i] = ci_luma(image[3 * i], image[3 * i + 1], image[3 * i + 2]);
      }
    }
  }
  png_structp done = png;
  png_infop its = info;
  png_destroy_read_struct(&done, &its, NULL);
  free(image);
  free(rows);
  return status;
}
