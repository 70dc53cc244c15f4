// Blocks of a disk, for a file to be written. The C library's own way falls back to a write for each of them
// where a file system cannot reserve any, such as ext2 or NFS before 4.2: it costs more than the file.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CKernels.h"

#include <errno.h>
#include <fcntl.h>

int ck_reserve(int descriptor, int64_t offset, int64_t length) {
  int failed;
  do failed = fallocate(descriptor, 0, offset, length);
  while (failed && errno == EINTR);
  return failed ? errno : 0;
}
