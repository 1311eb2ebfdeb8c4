#define _GNU_SOURCE
#include "drift_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int32_t open_retrying(const char *path, int flags, mode_t mode) {
  int32_t descriptor;
  do descriptor = open(path, flags | O_CLOEXEC, mode);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

int32_t drift_map_file(const char *path, drift_mapping *mapping) {
  *mapping = (drift_mapping){NULL, 0};
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  const int32_t descriptor = open_retrying(path, O_RDONLY | O_NONBLOCK, 0);
  if (descriptor < 0) return errno;
  int32_t result = 0;
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    result = errno;
  } else if (!S_ISREG(status.st_mode)) {
    result = DRIFT_FILE_NOT_REGULAR;
  } else if ((uint64_t)status.st_size > PTRDIFF_MAX) {
    result = DRIFT_FILE_TOO_LARGE;
  } else if (status.st_size > 0) {
    void *base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (base == MAP_FAILED) result = errno;
    else *mapping = (drift_mapping){base, (uint64_t)status.st_size};
#if defined(MADV_HUGEPAGE)
    // Advice: file systems that cannot, refuse, and nothing changes.
    if (base != MAP_FAILED && status.st_size >= 4 << 20) madvise(base, (size_t)status.st_size, MADV_HUGEPAGE);
#endif
  }
  close(descriptor);
  return result;
}

void drift_unmap_file(const drift_mapping *mapping) {
  if (mapping->base != NULL) munmap((void *)(uintptr_t)mapping->base, (size_t)mapping->length);
}

int32_t drift_write_all(int32_t descriptor, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    const ssize_t written = write(descriptor, rest, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    rest += written;
    count -= (size_t)written;
  }
  return 0;
}

static char *append_number(char *end, uint32_t number) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *end++ = digits[--count];
  return end;
}

int32_t drift_temporary_create(const char *path, drift_temporary *temporary) {
  enum { SUFFIX_BYTES = 32, ATTEMPTS = 100 };
  const size_t length = strlen(path);
  temporary->descriptor = -1;
  if (length == 0) return ENOENT;
  if (length + SUFFIX_BYTES > sizeof temporary->path) return DRIFT_FILE_PATH_TOO_LONG;
  memcpy(temporary->path, path, length);
  for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
    char *end = temporary->path + length;
    memcpy(end, ".part-", 6);
    end = append_number(end + 6, (uint32_t)getpid());
    *end++ = '-';
    *append_number(end, attempt) = 0;
    temporary->descriptor = open_retrying(temporary->path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (temporary->descriptor >= 0) return 0;
    if (errno != EEXIST) return errno;
  }
  return EEXIST;
}

/// Makes a rename survive a power cut; file systems that cannot do so are left alone.
static void flush_folder(const char *path) {
  char folder[sizeof((drift_temporary *)0)->path];
  const char *slash = strrchr(path, '/');
  const size_t length = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
  if (length >= sizeof folder) return;
  memcpy(folder, slash == NULL ? "." : path, length);
  folder[length] = 0;
  const int32_t descriptor = open_retrying(folder, O_RDONLY | O_DIRECTORY, 0);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

int32_t drift_temporary_commit(drift_temporary *temporary, const char *path) {
  int32_t result = fsync(temporary->descriptor) != 0 && errno != EINVAL ? errno : 0;
  if (close(temporary->descriptor) != 0 && errno != EINTR && result == 0) result = errno;
  temporary->descriptor = -1;
  if (result == 0 && rename(temporary->path, path) != 0) result = errno;
  if (result != 0) unlink(temporary->path);
  else flush_folder(path);
  return result;
}

void drift_temporary_discard(drift_temporary *temporary) {
  if (temporary->descriptor < 0) return;
  close(temporary->descriptor);
  temporary->descriptor = -1;
  unlink(temporary->path);
}

const char *drift_error_text(int32_t error) {
  switch (error) {
    case DRIFT_FILE_NOT_REGULAR: return "Not a regular file";
    case DRIFT_FILE_TOO_LARGE: return "File too large for this process";
    case DRIFT_FILE_PATH_TOO_LONG: return "Path too long";
    default: break;
  }
#if defined(__GLIBC__)
  // Unlike strerror, never allocates.
  const char *text = strerrordesc_np(error);
#else
  const char *text = strerror(error);
#endif
  return text != NULL ? text : "Unknown error";
}
