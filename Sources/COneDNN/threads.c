// The threads of oneDNN's OpenMP runtime, which serve our own loops too.
//
// The runtime is already in the process; looking its entry points up there binds to the very pool that
// oneDNN uses, whichever runtime (GNU's or LLVM's) that is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include "handles.h"

typedef struct {
  int count;
  void *context;
  void (*body)(void *, int);
  int (*thread)(void);
  int (*threads)(void);
} parallel_job;

static void parallel_part(void *argument) {
  parallel_job *job = argument;
  int threads = job->threads();
  for (int i = job->thread(); i < job->count; i += threads) job->body(job->context, i);
}

void odnn_parallel(int count, void *context, void (*body)(void *, int)) {
  static void (*run)(void (*)(void *), void *, unsigned, unsigned);
  static int (*thread)(void), (*threads)(void);
  static bool looked;
  if (!looked) {
    looked = true;
    run = (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(RTLD_DEFAULT, "GOMP_parallel");
    thread = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
    threads = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_num_threads");
  }
  if (count < 2 || !run || !thread || !threads) {
    for (int i = 0; i < count; i++) body(context, i);
    return;
  }
  parallel_job job = {count, context, body, thread, threads};
  run(parallel_part, &job, 0, 0);
}

#if defined(__linux__)
static void keep_thread(void *context, int i) {
  const int *processors = context;
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(processors[i], &own);
  sched_setaffinity(0, sizeof own, &own);
}

// Gives each thread a processor of its own where there are just as many of both. Kernels of oneDNN wait
// for each other in loops: two of their threads that share a processor, because others are busy with
// something else, hold each other up by a time slice at every turn.
static void keep_apart(int count) {
  const char *variables[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
    if (getenv(variables[i])) return;
  cpu_set_t all;
  if (count < 2 || sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) != count) return;
  int processors[CPU_SETSIZE], found = 0;
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &all)) processors[found++] = i;
  odnn_parallel(count, processors, keep_thread);
}
#else
static void keep_apart(int count) { (void)count; }
#endif

int odnn_set_threads(int count) {
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  void (*set_dynamic)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_dynamic");
  int (*limit)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_limit");
  if (!set) return 0;
  // oneDNN's barriers wait for as many threads as a region has asked for: it must get all of them.
  if (set_dynamic) set_dynamic(0);
  if (limit && count > limit()) count = limit();
  set(count);
  keep_apart(count);
  return count;
}
