#include "pictures.h"

enum ci_status ci_decode(
    const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
    struct ci_picture *picture) {
  static const uint8_t png_mark[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  memset(picture, 0, sizeof *picture);
  if (count >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
    return ci_jpeg(bytes, count, channels, pixels, capacity, picture);
  if (count >= 8 && memcmp(bytes, png_mark, 8) == 0)
    return ci_png(bytes, count, channels, pixels, capacity, picture);
  snprintf(picture->words, sizeof picture->words, "is neither JPEG nor PNG");
  return CI_UNKNOWN;
}

enum ci_status ci_size(const uint8_t *bytes, size_t count, struct ci_picture *picture) {
  return ci_decode(bytes, count, 3, NULL, 0, picture);
}
