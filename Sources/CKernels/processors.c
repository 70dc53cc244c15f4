#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include <stdlib.h>
#include <unistd.h>

#include "CKernels.h"

int ck_allowed_processors(void) {
#if defined(__linux__)
  // A set of fixed size is too small for the kernels of the largest machines.
  for (int size = 1024; size <= 1 << 18; size *= 4) {
    cpu_set_t *set = CPU_ALLOC(size);
    if (!set) break;
    int count = sched_getaffinity(0, CPU_ALLOC_SIZE(size), set) == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(size), set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
