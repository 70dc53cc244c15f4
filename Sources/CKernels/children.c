// What a process must not leave behind however it ends: programs that it started, and folders of theirs.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CKernels.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { slots = 64, deepest = 4 };
static atomic_int groups[slots];
static char *_Atomic folders[slots];

static void remember_group(int from, int to) {
  for (int i = 0; i < slots; i++) {
    int expected = from;
    if (atomic_compare_exchange_strong(&groups[i], &expected, to)) return;
  }
}

static void pause_briefly(long nanoseconds) {
  struct timespec time = {0, nanoseconds};
  nanosleep(&time, NULL);
}

// The environment of a child: `extra` before what this process has under other names.
static char **environment(const char *const *extra) {
  size_t extras = 0, all = 0;
  while (extra[extras]) extras++;
  while (environ && environ[all]) all++;
  char **result = malloc((extras + all + 1) * sizeof *result);
  if (!result) return NULL;
  size_t n = 0;
  for (; n < extras; n++) result[n] = (char *)extra[n];
  for (size_t i = 0; i < all; i++) {
    int is_replaced = 0;
    for (size_t k = 0; k < extras; k++) {
      size_t length = (size_t)(strchr(extra[k], '=') - extra[k]) + 1;
      if (!strncmp(environ[i], extra[k], length)) is_replaced = 1;
    }
    if (!is_replaced) result[n++] = environ[i];
  }
  result[n] = NULL;
  return result;
}

int ck_spawn_shell(const char *command, const char *const *extra, int *input, int *output) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC)) return -errno;
  if (pipe2(out, O_CLOEXEC)) {
    int number = errno;
    close(in[0]), close(in[1]);
    return -number;
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t set;
  sigemptyset(&set);
  posix_spawnattr_setsigmask(&attributes, &set);
  sigaddset(&set, SIGPIPE), sigaddset(&set, SIGXFSZ);
  posix_spawnattr_setsigdefault(&attributes, &set);
  char *arguments[] = {"sh", "-c", (char *)command, NULL};
  char **variables = environment(extra);
  pid_t pid = 0;
  int number =
      variables ? posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, variables) : ENOMEM;
  free(variables);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(in[0]), close(out[1]);
  if (number) {
    close(in[1]), close(out[0]);
    return -number;
  }
  remember_group(0, pid);
  *input = in[1], *output = out[0];
  return pid;
}

int ck_peek_child(int pid, int milliseconds, int *status) {
  for (int waited = 0;; waited += 2) {
    siginfo_t info = {0};
    // Not reaped yet, so that nothing else can get its number before the group is ended.
    int failed = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    if (!failed && info.si_pid == pid) {
      *status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
      return 1;
    }
    if ((failed && errno != EINTR) || waited >= milliseconds) return 0;
    pause_briefly(2000000);
  }
}

void ck_end_child(int pid, int milliseconds) {
  int status = 0;
  ck_peek_child(pid, milliseconds, &status);
  kill(-pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  remember_group(pid, 0);
}

int ck_write_quietly(int descriptor, const char *bytes, size_t count) {
  sigset_t pipe_alone, before, pending;
  sigemptyset(&pipe_alone);
  sigaddset(&pipe_alone, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_alone, &before);
  int number = 0;
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      number = errno;
      break;
    }
    bytes += written, count -= (size_t)written;
  }
  if (number == EPIPE && !was_pending) {
    struct timespec none = {0, 0};
    while (sigtimedwait(&pipe_alone, NULL, &none) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return number;
}

struct entry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

// Takes everything out of an open folder. opendir allocates, which no signal handler may.
static void clear(int folder, int depth) {
  _Alignas(8) char bytes[2048];
  for (int is_changed = 1; is_changed;) {
    is_changed = 0;
    lseek(folder, 0, SEEK_SET);
    long length;
    while ((length = syscall(SYS_getdents64, folder, bytes, sizeof bytes)) > 0) {
      for (long place = 0; place < length;) {
        struct entry *entry = (struct entry *)(bytes + place);
        place += entry->length;
        if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) continue;
        if (!unlinkat(folder, entry->name, 0)) {
          is_changed = 1;
          continue;
        }
        if (depth == 0) continue;
        int inner =
            openat(folder, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0) continue;
        clear(inner, depth - 1);
        close(inner);
        if (!unlinkat(folder, entry->name, AT_REMOVEDIR)) is_changed = 1;
      }
    }
  }
}

static int remove_folder(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return errno;
  clear(folder, deepest);
  close(folder);
  return rmdir(path) ? errno : 0;
}

int ck_create_folder(char *template_name) {
  // Remembered by a copy that is never freed, which a signal handler may read at any moment.
  if (!mkdtemp(template_name)) return errno;
  char *copy = strdup(template_name);
  for (int i = 0; copy && i < slots; i++) {
    char *expected = NULL;
    if (atomic_compare_exchange_strong(&folders[i], &expected, copy)) break;
  }
  return 0;
}

int ck_remove_folder(const char *path) {
  int number = remove_folder(path);
  for (int i = 0; i < slots; i++) {
    char *folder = atomic_load(&folders[i]);
    if (folder && !strcmp(folder, path)) atomic_store(&folders[i], NULL);
  }
  return number;
}

void ck_clear_leftovers(void) {
  for (int i = 0; i < slots; i++) {
    int group = atomic_load(&groups[i]);
    if (group == 0) continue;
    kill(-group, SIGKILL);
    for (int k = 0; k < 200 && waitpid(group, NULL, WNOHANG) == 0; k++) pause_briefly(5000000);
  }
  for (int i = 0; i < slots; i++) {
    char *folder = atomic_load(&folders[i]);
    if (folder) remove_folder(folder);
  }
}
