// A small team of threads that run the same work in step: the calling thread is member 0. Everything it needs lies in the caller's
// memory; nothing is allocated.
#ifndef DRIFT_TEAM_H
#define DRIFT_TEAM_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
  /// Stack of a member, with room for the kernels' tiles.
  DRIFT_TEAM_STACK_BYTES = 16384,
};

/// What members share, 64-byte aligned. Words that several of them write lie on cache lines of their own.
typedef struct drift_team {
  uint32_t generation;  // of the barrier; sleepers wait on it
  uint32_t sleepers;
  uint32_t padding0[14];
  uint32_t arrived;
  uint32_t padding1[15];
  uint32_t ticket;
  uint32_t padding2[15];
  uint32_t count;       // members, the calling thread included
  uint32_t stopping;
  void (*_Nullable work)(void *_Nullable context, uint32_t member);
  void *_Nullable context;
} drift_team;

/// One further member.
typedef struct drift_team_member {
  drift_team *_Nullable team;
  uint32_t index;
  uint32_t alive;   // not zero while the thread may touch its stack; the system clears it at the very end
  uint64_t handle;  // of the C library's thread, where one is used
} drift_team_member;

/// Prepares a team of one; members join with drift_team_join or drift_team_join_posix.
void drift_team_init(drift_team *team);

/// Starts a thread on a stack of DRIFT_TEAM_STACK_BYTES by the system call alone. It has no thread-local storage of its own, so the work must not
/// call the C library: that is for programs whose device side does not, which the boards' build proves. Returns 0 or an errno value.
int32_t drift_team_join(drift_team *team, drift_team_member *member, void *stack);

/// The same by the C library, which allocates a stack and more for each thread, but lets the work call anything.
int32_t drift_team_join_posix(drift_team *team, drift_team_member *member);

/// Runs `work` on all members, and returns when all have come to its end.
void drift_team_run(drift_team *team, void (*work)(void *_Nullable context, uint32_t member), void *_Nullable context);

/// Waits within the work until all members are here. Then claims start anew from 0. What was written before is seen after.
void drift_team_barrier(drift_team *team);

/// The next number that no member has taken since the last barrier.
uint32_t drift_team_claim(drift_team *team);

/// Tells all members to end. drift_team_wait for each of them has to follow.
void drift_team_end(drift_team *team);

/// Waits until a member's thread no longer touches any memory.
void drift_team_wait(drift_team_member *member);

#pragma clang assume_nonnull end

#endif
