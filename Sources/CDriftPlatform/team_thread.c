#define _GNU_SOURCE
#include "team_thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

void (*drift_team_posix_wait)(drift_team_member *member);

/// A system call that leaves errno alone: a member without thread-local storage shares it with the thread that started it.
static long system_call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
  long result;
  register long fourth __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#elif defined(__arm__)
  // r7 may be the frame pointer, which inline assembly must not name as an operand.
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  register long r3 __asm__("r3") = d;
  __asm__ volatile("push {r7}\n\tmov r7, %[number]\n\tsvc #0\n\tpop {r7}"
                   : "+r"(r0) : [number] "r"(number), "r"(r1), "r"(r2), "r"(r3) : "memory");
  return r0;
#else
#error "no system call for this CPU"
#endif
}

void drift_futex_wait(const uint32_t *word, uint32_t value) {
  system_call(SYS_futex, (long)word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, (long)value, 0);
}

void drift_futex_wake(const uint32_t *word, int32_t count) {
  system_call(SYS_futex, (long)word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, 0);
}

static int begin(void *argument) {
  drift_team_serve(argument);
  system_call(SYS_exit, 0, 0, 0, 0);
  return 0;
}

int32_t drift_team_join(drift_team *team, drift_team_member *member, void *stack) {
  member->team = team;
  member->index = __atomic_fetch_add(&team->count, 1, __ATOMIC_RELAXED);  // before it can arrive at a barrier
  member->handle = 0;
  __atomic_store_n(&member->alive, 1, __ATOMIC_RELEASE);
  // A member inherits the mask and takes no signal: handlers belong to threads with thread-local storage.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  const int flags =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;
  const int id = clone(begin, (uint8_t *)stack + DRIFT_TEAM_STACK_BYTES, flags, member, NULL, NULL, &member->alive);
  const int32_t error = id < 0 ? errno : 0;
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (error == 0) return 0;
  member->alive = 0;
  __atomic_fetch_sub(&team->count, 1, __ATOMIC_RELAXED);
  return error;
}

void drift_team_wait(drift_team_member *member) {
  if (member->handle != 0) {
    void (*wait)(drift_team_member *) = __atomic_load_n(&drift_team_posix_wait, __ATOMIC_RELAXED);
    wait(member);
    return;
  }
  // The system clears the word and wakes with a shared futex.
  for (;;) {
    const uint32_t alive = __atomic_load_n(&member->alive, __ATOMIC_ACQUIRE);
    if (alive == 0) return;
    system_call(SYS_futex, (long)&member->alive, FUTEX_WAIT, (long)alive, 0);
  }
}
