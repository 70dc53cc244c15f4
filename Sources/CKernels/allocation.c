// Failed allocations, said to whoever wants to know, before the caller does what it will: Swift's runtime
// prints a trace and crashes.
#include "CKernels.h"

// A sanitizer stands in for the same functions.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZED)
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_memalign(size_t, size_t);

static void (*_Atomic handler)(size_t);

static void *checked(void *memory, size_t bytes) {
  if (__builtin_expect(!memory && bytes > 0, 0)) {
    void (*call)(size_t) = atomic_load(&handler);
    if (call) call(bytes);
  }
  return memory;
}

// These stand in for the C library's own, in libraries too, which they call.

// How much this thread may ask for at once.
static _Thread_local size_t most = SIZE_MAX;

void *malloc(size_t bytes) {
  if (__builtin_expect(bytes > most, 0)) {
    errno = ENOMEM;
    return NULL;
  }
  return checked(__libc_malloc(bytes), bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  return checked(__libc_memalign(alignment, bytes), bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *result = checked(__libc_memalign(alignment, bytes), bytes);
  if (!result) return ENOMEM;
  *memory = result;
  return 0;
}

void ck_on_failed_allocation(void (*call)(size_t)) { atomic_store(&handler, call); }

size_t ck_limit_allocations(size_t bytes) {
  size_t before = most;
  most = bytes;
  return before;
}
#else
void ck_on_failed_allocation(void (*call)(size_t)) { (void)call; }

size_t ck_limit_allocations(size_t bytes) { return bytes; }
#endif
