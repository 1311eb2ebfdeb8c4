#define _GNU_SOURCE
#include "unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drift_process.h"
#include "signal_flag.h"

enum { BACKLOG = 16 };

static int32_t address_of(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  const size_t length = strlen(path);
  if (length == 0) return ENOENT;
  if (length >= sizeof address->sun_path) return ENAMETOOLONG;
  memcpy(address->sun_path, path, length);
  return 0;
}

/// Opens the folder of `path` and locks it, so that two daemons that start at once do not remove each other's socket.
static int lock_folder(const struct sockaddr_un *address) {
  char folder[sizeof address->sun_path];
  memcpy(folder, address->sun_path, sizeof folder);
  char *slash = strrchr(folder, '/');
  if (slash == NULL) memcpy(folder, ".", 2);
  else slash[slash == folder ? 1 : 0] = 0;
  const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  if (flock(descriptor, LOCK_EX) != 0) {
    const int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  return descriptor;
}

/// Removes a socket file at which nobody listens. DRIFT_SOCKET_OK if the path is free afterwards.
static int32_t clear_path(const struct sockaddr_un *address) {
  struct stat status;
  if (lstat(address->sun_path, &status) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(status.st_mode)) return DRIFT_SOCKET_NOT_A_SOCKET;
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return errno;
  const int32_t result = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
  close(probe);
  // A full backlog (EAGAIN) is an answer too.
  if (result == 0 || result == EAGAIN) return DRIFT_SOCKET_TAKEN;
  if (result != ECONNREFUSED) return result;
  return unlink(address->sun_path) == 0 || errno == ENOENT ? 0 : errno;
}

static int32_t listen_at(drift_listener *listener, const struct sockaddr_un *address) {
  const int32_t result = clear_path(address);
  if (result != 0) return result;
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return errno;
  struct stat status;
  if (bind(descriptor, (const struct sockaddr *)address, sizeof *address) != 0 || listen(descriptor, BACKLOG) != 0 ||
      stat(address->sun_path, &status) != 0) {
    const int error = errno;
    close(descriptor);
    return error;
  }
  listener->descriptor = descriptor;
  listener->device = (uint64_t)status.st_dev;
  listener->inode = (uint64_t)status.st_ino;
  return 0;
}

int32_t drift_listener_open(drift_listener *listener, const char *path) {
  *listener = (drift_listener){-1, 0, 0, path};
  struct sockaddr_un address;
  int32_t result = address_of(path, &address);
  if (result != 0) return result;
  const int folder = lock_folder(&address);
  if (folder < 0) return errno;
  result = listen_at(listener, &address);
  close(folder);
  return result;
}

void drift_listener_close(drift_listener *listener) {
  if (listener->descriptor < 0) return;
  struct stat status;
  if (lstat(listener->path, &status) == 0 && (uint64_t)status.st_dev == listener->device &&
      (uint64_t)status.st_ino == listener->inode) {
    unlink(listener->path);
  }
  close(listener->descriptor);
  listener->descriptor = -1;
}

int32_t drift_listener_accept(const drift_listener *listener, int32_t *client) {
  for (;;) {
    struct pollfd waiting[2] = {{.fd = listener->descriptor, .events = POLLIN},
                                {.fd = drift_signal_flag_descriptor(), .events = POLLIN}};
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) return errno;
    if (drift_signal_flag_raised()) return DRIFT_SOCKET_STOPPED;
    *client = accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (*client >= 0) return DRIFT_SOCKET_OK;
    switch (errno) {
      case EAGAIN: case EINTR: case ECONNABORTED: break;
      default: return errno;
    }
  }
}

/// Milliseconds until `deadline`, rounded up; 0 when it has passed.
static int time_left(uint64_t deadline) {
  const uint64_t now = drift_clock_nanoseconds();
  if (now >= deadline) return 0;
  const uint64_t milliseconds = (deadline - now + 999999) / 1000000;
  return milliseconds > 1000000 ? 1000000 : (int)milliseconds;
}

int32_t drift_socket_receive_ready(int32_t descriptor, void *bytes, size_t count, size_t *received) {
  *received = 0;
  if (count == 0) return DRIFT_SOCKET_OK;
  for (;;) {
    const ssize_t got = recv(descriptor, bytes, count, MSG_DONTWAIT);
    if (got > 0) *received = (size_t)got;
    if (got > 0) return DRIFT_SOCKET_OK;
    if (got == 0 || errno == ECONNRESET) return DRIFT_SOCKET_CLOSED;
    if (errno == EAGAIN) return DRIFT_SOCKET_OK;
    if (errno != EINTR) return errno;
  }
}

int32_t drift_socket_receive(int32_t descriptor, void *bytes, size_t count, uint64_t deadline, size_t *received) {
  *received = 0;
  while (*received < count) {
    size_t got;
    const int32_t result = drift_socket_receive_ready(descriptor, (char *)bytes + *received, count - *received, &got);
    if (result != DRIFT_SOCKET_OK) return result;
    *received += got;
    if (got > 0) continue;
    const int left = time_left(deadline);
    if (left == 0) return DRIFT_SOCKET_LATE;
    struct pollfd waiting[2] = {{.fd = descriptor, .events = POLLIN}, {.fd = drift_signal_flag_descriptor(), .events = POLLIN}};
    if (poll(waiting, 2, left) < 0 && errno != EINTR) return errno;
    if (drift_signal_flag_raised()) return DRIFT_SOCKET_STOPPED;
  }
  return DRIFT_SOCKET_OK;
}

int32_t drift_socket_send(int32_t descriptor, const void *bytes, size_t count, uint64_t deadline) {
  const char *rest = bytes;
  while (count > 0) {
    const ssize_t sent = send(descriptor, rest, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      rest += sent;
      count -= (size_t)sent;
      continue;
    }
    if (errno == EPIPE || errno == ECONNRESET) return DRIFT_SOCKET_CLOSED;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    const int left = time_left(deadline);
    if (left == 0) return DRIFT_SOCKET_LATE;
    struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
    if (poll(&waiting, 1, left) < 0 && errno != EINTR) return errno;
  }
  return DRIFT_SOCKET_OK;
}

void drift_socket_close(int32_t descriptor, uint64_t deadline) {
  if (shutdown(descriptor, SHUT_WR) == 0) {
    char thrown_away[256];
    size_t received;
    while (time_left(deadline) > 0 &&
           drift_socket_receive(descriptor, thrown_away, sizeof thrown_away, deadline, &received) == DRIFT_SOCKET_OK) {
    }
  }
  close(descriptor);
}
