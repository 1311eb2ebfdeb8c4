#define _GNU_SOURCE
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int32_t drift_output_open(drift_output *output, drift_temporary *temporary, const char *path) {
  *output = (drift_output){-1, NULL, path};
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
    if (S_ISDIR(status.st_mode)) return EISDIR;
    do output->descriptor = open(path, O_WRONLY | O_CLOEXEC);
    while (output->descriptor < 0 && errno == EINTR);
    return output->descriptor < 0 ? errno : 0;
  }
  const int32_t result = drift_temporary_create(path, temporary);
  if (result != 0) return result;
  output->temporary = temporary;
  output->descriptor = temporary->descriptor;
  return 0;
}

int32_t drift_output_commit(drift_output *output) {
  if (output->descriptor < 0) return EBADF;
  const int32_t descriptor = output->descriptor;
  output->descriptor = -1;
  if (output->temporary != NULL) return drift_temporary_commit(output->temporary, output->path);
  return close(descriptor) != 0 && errno != EINTR ? errno : 0;
}

void drift_output_discard(drift_output *output) {
  if (output->descriptor < 0) return;
  if (output->temporary != NULL) drift_temporary_discard(output->temporary);
  else close(output->descriptor);
  output->descriptor = -1;
}

int32_t drift_is_terminal(int32_t descriptor) { return isatty(descriptor); }
