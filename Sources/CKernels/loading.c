// What has to be decided before a library is loaded: its constructors run before `main`.
#include "CKernels.h"

#if defined(__linux__) && defined(__GLIBC__)
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// There where the program has OpenBLAS.
extern void openblas_set_num_threads(int) __attribute__((weak));

// OpenBLAS starts threads of its own, which nothing here uses. Where the address space is limited their
// buffers may not fit; then it asks for them again and again, in some versions before `main`, and the program
// never ends. So it starts itself once more without them. Where that fails it goes on as it is.
//
// The C library has no environment of its own yet, so that nothing here may look into one but through
// `environment`.
static void without_threads(int argc, char **argv, char **environment) {
  (void)argc;
  static char setting[] = "OPENBLAS_NUM_THREADS=1";
  const size_t name = sizeof "OPENBLAS_NUM_THREADS=" - 1;
  struct rlimit limit;
  if (!openblas_set_num_threads || getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur >= (rlim_t)1 << 60) return;
  size_t count = 0;
  for (; environment[count]; count++)
    if (!strncmp(environment[count], setting, name)) return;
  char *longer[count + 2];
  memcpy(longer, environment, count * sizeof *longer);
  longer[count] = setting;
  longer[count + 1] = NULL;
  execve("/proc/self/exe", argv, longer);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) =
    without_threads;
#endif
