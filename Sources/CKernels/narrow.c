#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "clones.h"

// Rounding to Float first goes wrong only where that lands in the middle of two bfloat16s, which the
// number itself is not in: one unit towards the number decides the second rounding. Without branches,
// since averages round both ways at random.
CK_CLONES int ck_narrow_bfloat16(uint16_t *restrict y, const double *restrict x, size_t n) {
  uint32_t largest = 0;
  for (size_t i = 0; i < n; i++) {
    float nearest = (float)x[i];
    uint32_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    uint32_t is_middle = (bits & 0xffff) == 0x8000;
    uint32_t is_above = fabs((double)nearest) > fabs(x[i]);
    uint32_t is_below = fabs((double)nearest) < fabs(x[i]);
    uint32_t moved = bits + (is_middle & is_below) - (is_middle & is_above);
    uint32_t rounded = (moved + 0x7fff + (moved >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | 0x40;
    uint32_t result = (bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded;
    uint32_t exponent = result & 0x7f80;
    largest = exponent > largest ? exponent : largest;
    y[i] = (uint16_t)result;
  }
  return largest != 0x7f80;
}
