#include <setjmp.h>
#include <stdlib.h>

#include "pictures.h"
// After stdio.h and stddef.h, which it needs.
#include <jerror.h>
#include <jpeglib.h>

// The library's error handler, with what it was told.
struct handler {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  struct ci_picture *picture;
  int is_cut_off;
};

static void fail(j_common_ptr info) {
  struct handler *handler = (struct handler *)info->err;
  char words[JMSG_LENGTH_MAX];
  handler->manager.format_message(info, words);
  snprintf(handler->picture->words, sizeof handler->picture->words, "%.190s", words);
  longjmp(handler->escape, 1);
}

static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  struct handler *handler = (struct handler *)info->err;
  if (handler->manager.msg_code == JWRN_JPEG_EOF) handler->is_cut_off = 1;
  if (handler->picture->warnings++ == 0) {
    char words[JMSG_LENGTH_MAX];
    handler->manager.format_message(info, words);
    snprintf(handler->picture->words, sizeof handler->picture->words, "%.190s", words);
  }
}

static void stay_silent(j_common_ptr info) { (void)info; }

// Each pass over a progressive picture costs as much as all before: files of a few kilobytes with
// thousands of scans take minutes.
enum { most_scans = 500 };

static void count_scans(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > most_scans) {
    struct handler *handler = (struct handler *)info->err;
    snprintf(
        handler->picture->words, sizeof handler->picture->words, "has more than %d scans",
        most_scans);
    longjmp(handler->escape, 1);
  }
}

// One row of the library's colours to ours.
static void convert(
    const uint8_t *from, uint8_t *to, size_t width, J_COLOR_SPACE space, int channels) {
  for (size_t x = 0; x < width; x++) {
    uint8_t rgb[3];
    if (space == JCS_CMYK) {
      // Adobe stores the complements; Pillow takes every file to be Adobe's.
      unsigned black = 255 - (255 - from[4 * x + 3]);
      for (int c = 0; c < 3; c++) {
        unsigned ink = 255 - from[4 * x + (size_t)c];
        unsigned product = ink * black + 128;
        int value = (int)black - (int)(((product >> 8) + product) >> 8);
        rgb[c] = (uint8_t)(value < 0 ? 0 : value);
      }
    } else if (space == JCS_GRAYSCALE) {
      rgb[0] = rgb[1] = rgb[2] = from[x];
      if (channels == 1) {
        to[x] = from[x];
        continue;
      }
    } else {
      memcpy(rgb, from + 3 * x, 3);
    }
    if (channels == 3) {
      memcpy(to + 3 * x, rgb, 3);
    } else {
      to[x] = ci_luma(rgb[0], rgb[1], rgb[2]);
    }
  }
}

enum ci_status ci_jpeg(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture) {
  struct jpeg_decompress_struct info;
  struct handler handler;
  struct jpeg_progress_mgr progress = {.progress_monitor = count_scans};
  memset(&info, 0, sizeof info);
  info.err = jpeg_std_error(&handler.manager);
  handler.manager.error_exit = fail;
  handler.manager.emit_message = warn;
  handler.manager.output_message = stay_silent;
  handler.picture = picture;
  handler.is_cut_off = 0;
  // Freed after a jump too: its value then must be what it was.
  uint8_t *volatile row = NULL;
  if (setjmp(handler.escape)) {
    jpeg_destroy_decompress(&info);
    free(row);
    return CI_DAMAGED;
  }
  jpeg_create_decompress(&info);
  info.progress = &progress;
  jpeg_mem_src(&info, bytes, count);
  jpeg_read_header(&info, TRUE);
  picture->width = info.image_width;
  picture->height = info.image_height;
  enum ci_status status = ci_check_room(picture, channels, pixels, capacity);
  if (status == CI_OK && pixels) {
    switch (info.jpeg_color_space) {
      case JCS_GRAYSCALE: info.out_color_space = JCS_GRAYSCALE; break;
      case JCS_CMYK:
      case JCS_YCCK: info.out_color_space = JCS_CMYK; break;
      default: info.out_color_space = JCS_RGB; break;
    }
    jpeg_start_decompress(&info);
    const size_t width = info.output_width;
    const int direct = info.output_components == channels && info.out_color_space != JCS_CMYK;
    if (!direct) row = malloc(width * (size_t)info.output_components);
    while (info.output_scanline < info.output_height) {
      uint8_t *target = pixels + info.output_scanline * width * (size_t)channels;
      uint8_t *line = direct || !row ? target : row;
      if (!direct && !row) break;
      if (jpeg_read_scanlines(&info, &line, 1) == 0) break;
      if (!direct) convert(row, target, width, info.out_color_space, channels);
    }
    if (info.output_scanline < info.output_height) {
      snprintf(picture->words, sizeof picture->words, "cannot be decoded to its end");
      status = CI_DAMAGED;
    } else {
      jpeg_finish_decompress(&info);
    }
  }
  if (handler.is_cut_off) {
    snprintf(picture->words, sizeof picture->words, "is cut off");
    status = CI_DAMAGED;
  }
  jpeg_destroy_decompress(&info);
  free(row);
  return status;
}
