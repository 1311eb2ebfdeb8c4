#include "drift_team.h"

#include "team_thread.h"

enum {
  /// Looks at a word before a member goes to sleep: 50 to 200 microseconds, as long as the CPU's pause takes; longer than what lies
  /// between the parts of a step.
  SPINS = 4000,
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#elif defined(__arm__)
  __asm__ volatile("yield" ::: "memory");
#endif
}

static void wait_while(drift_team *team, uint32_t generation) {
  for (int i = 0; i < SPINS; i++) {
    if (__atomic_load_n(&team->generation, __ATOMIC_ACQUIRE) != generation) return;
    relax();
  }
  // Sequentially consistent with the releaser, who writes the generation and then looks for sleepers.
  __atomic_fetch_add(&team->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&team->generation, __ATOMIC_SEQ_CST) == generation) drift_futex_wait(&team->generation, generation);
  __atomic_fetch_sub(&team->sleepers, 1, __ATOMIC_SEQ_CST);
}

void drift_team_init(drift_team *team) { *team = (drift_team){.count = 1}; }

void drift_team_barrier(drift_team *team) {
  if (__atomic_load_n(&team->count, __ATOMIC_RELAXED) == 1) {
    team->ticket = 0;
    return;
  }
  const uint32_t generation = __atomic_load_n(&team->generation, __ATOMIC_RELAXED);
  if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) != __atomic_load_n(&team->count, __ATOMIC_RELAXED)) {
    wait_while(team, generation);
    return;
  }
  __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&team->ticket, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&team->generation, generation + 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&team->sleepers, __ATOMIC_SEQ_CST) != 0) drift_futex_wake(&team->generation, INT32_MAX);
}

uint32_t drift_team_claim(drift_team *team) {
  if (team->count == 1) return team->ticket++;
  return __atomic_fetch_add(&team->ticket, 1, __ATOMIC_RELAXED);
}

void drift_team_run(drift_team *team, void (*work)(void *context, uint32_t member), void *context) {
  team->work = work;
  team->context = context;
  drift_team_barrier(team);
  work(context, 0);
  drift_team_barrier(team);
}

void drift_team_serve(drift_team_member *member) {
  drift_team *team = member->team;
  for (;;) {
    drift_team_barrier(team);
    if (team->stopping) return;
    team->work(team->context, member->index);
    drift_team_barrier(team);
  }
}

void drift_team_end(drift_team *team) {
  team->stopping = 1;
  drift_team_barrier(team);
}
