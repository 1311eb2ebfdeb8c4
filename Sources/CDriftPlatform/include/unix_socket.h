// Stream sockets in the file system, with a deadline on everything that waits.
#ifndef DRIFT_UNIX_SOCKET_H
#define DRIFT_UNIX_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum drift_socket_status {
  DRIFT_SOCKET_OK = 0,
  /// The peer closed its end.
  DRIFT_SOCKET_CLOSED = -1,
  /// Not done by the deadline.
  DRIFT_SOCKET_LATE = -2,
  /// The process was asked to stop (signal_flag.h).
  DRIFT_SOCKET_STOPPED = -3,
  /// Somebody listens at the path already.
  DRIFT_SOCKET_TAKEN = -4,
  /// Something else than a socket stands at the path.
  DRIFT_SOCKET_NOT_A_SOCKET = -5,
} drift_socket_status;

/// A socket that listens.
typedef struct drift_listener {
  int32_t descriptor;
  uint64_t device, inode;  // of the socket's file, so that only this one is removed
  const char *path;
} drift_listener;

/// Listens at `path`, which must outlive the listener. A socket file that nobody listens at any more is replaced. Returns a
/// drift_socket_status or an errno value; ENAMETOOLONG for a path that no socket address can hold.
int32_t drift_listener_open(drift_listener *listener, const char *path);

/// Stops listening and removes the socket's file, unless another has taken its place.
void drift_listener_close(drift_listener *listener);

/// Waits for a client, whose descriptor `client` gets. Returns DRIFT_SOCKET_OK, DRIFT_SOCKET_STOPPED or an errno value.
int32_t drift_listener_accept(const drift_listener *listener, int32_t *client);

/// Receives exactly `count` bytes by `deadline` (drift_clock_nanoseconds). Returns a drift_socket_status or an errno value.
/// `received` gets the number of bytes that came in any case.
int32_t drift_socket_receive(int32_t descriptor, void *bytes, size_t count, uint64_t deadline, size_t *received);

/// Receives at most `count` bytes that have come already, without waiting. Returns a drift_socket_status or an errno value.
int32_t drift_socket_receive_ready(int32_t descriptor, void *bytes, size_t count, size_t *received);

/// Sends all bytes by `deadline`. Goes on when the process is asked to stop. Returns a drift_socket_status or an errno value.
int32_t drift_socket_send(int32_t descriptor, const void *bytes, size_t count, uint64_t deadline);

/// Tells the peer that nothing more follows, lets it read what was sent, until `deadline` at the latest, and closes. What it sends
/// meanwhile is thrown away: closing with unread bytes would destroy the answer on its way.
void drift_socket_close(int32_t descriptor, uint64_t deadline);

#pragma clang assume_nonnull end

#endif
