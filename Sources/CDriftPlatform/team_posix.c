// Not for boards, whose threads are bare: pthread_create brings the C library's streams, printing and name resolution along.
#ifndef SPINDRIFT_BOARD

// Threads of the C library. Programs for boards do not use them, and the linker leaves them out there.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "team_thread.h"

static void *begin(void *argument) {
  drift_team_serve(argument);
  return NULL;
}

static void wait_for_end(drift_team_member *member) { pthread_join((pthread_t)member->handle, NULL); }

int32_t drift_team_join_posix(drift_team *team, drift_team_member *member) {
  member->team = team;
  member->index = __atomic_fetch_add(&team->count, 1, __ATOMIC_RELAXED);  // before it can arrive at a barrier
  member->alive = 0;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, NULL, begin, member);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error != 0) {
    __atomic_fetch_sub(&team->count, 1, __ATOMIC_RELAXED);
    return error;
  }
  member->handle = (uint64_t)thread;
  __atomic_store_n(&drift_team_posix_wait, wait_for_end, __ATOMIC_RELAXED);
  return 0;
}

#endif
