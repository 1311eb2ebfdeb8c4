#define _GNU_SOURCE
#include "signal_flag.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t raised;
static int waker[2] = {-1, -1};

static void raise_flag(int signal_number) {
  const int saved = errno;
  raised = 1;
  const ssize_t written = write(waker[1], "", 1);
  (void)written;
  if (signal_number == SIGINT) signal(SIGINT, SIG_DFL);
  errno = saved;
}

int32_t drift_signal_flag_install(void) {
  if (waker[0] < 0 && pipe2(waker, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  struct sigaction action = {.sa_handler = raise_flag};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0) return errno;
  // Whoever started this process may have left them blocked.
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  if (sigprocmask(SIG_UNBLOCK, &wanted, NULL) != 0) return errno;
  action.sa_handler = SIG_IGN;
  return sigaction(SIGPIPE, &action, NULL) != 0 || sigaction(SIGXFSZ, &action, NULL) != 0 ? errno : 0;
}

int32_t drift_signal_flag_raised(void) { return raised; }

int32_t drift_signal_flag_descriptor(void) { return waker[0]; }
