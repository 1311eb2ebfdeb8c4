// Within this module: how the members' threads begin, sleep and end.
#ifndef TEAM_THREAD_H
#define TEAM_THREAD_H

#include "drift_team.h"

#pragma clang assume_nonnull begin

/// What a member does from its beginning to its end.
void drift_team_serve(drift_team_member *member);

/// Sleeps while *word is `value`; may wake up for no reason. Touches no errno.
void drift_futex_wait(const uint32_t *word, uint32_t value);

/// Wakes up to `count` sleepers.
void drift_futex_wake(const uint32_t *word, int32_t count);

/// Set by whoever starts threads through the C library, to wait for their end; NULL otherwise.
extern void (*_Nullable drift_team_posix_wait)(drift_team_member *member);

#pragma clang assume_nonnull end

#endif
