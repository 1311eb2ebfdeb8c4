// A plugin for qemu-user that counts what a guest program executes, by function. The count depends on the program alone: no other
// load moves it.
//
//   qemu-aarch64 -d plugin -D COUNTS -plugin instruction_count.so PROGRAM ...
//
// writes lines "NUMBER NAME" into COUNTS, one a function; "?" is code without a symbol. Distributions ship no header for plugins,
// so what is used of QEMU's plugin interface, version 1, is declared here.
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct translation_block;
struct instruction;
enum { INLINE_ADD_U64 = 0 };

size_t qemu_plugin_tb_n_insns(const struct translation_block *);
struct instruction *qemu_plugin_tb_get_insn(const struct translation_block *, size_t);
const char *qemu_plugin_insn_symbol(const struct instruction *);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct translation_block *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct translation_block *, int, void *, uint64_t);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
void qemu_plugin_outs(const char *);

EXPORT int qemu_plugin_version = 1;

enum { MOST_FUNCTIONS = 8192 };

typedef struct function {
  char name[120];
  uint64_t instructions;
} function;

static function functions[MOST_FUNCTIONS];
static size_t function_count;
static pthread_mutex_t functions_lock = PTHREAD_MUTEX_INITIALIZER;

/// The counter of a function; past MOST_FUNCTIONS all share the last one. A search from the front will do: code is translated once.
static uint64_t *counter_of(const char *name) {
  size_t i = 0;
  while (i < function_count && strncmp(functions[i].name, name, sizeof functions[i].name - 1) != 0) i++;
  if (i == function_count) {
    if (function_count == MOST_FUNCTIONS) return &functions[MOST_FUNCTIONS - 1].instructions;
    snprintf(functions[i].name, sizeof functions[i].name, "%s", name);
    function_count++;
  }
  return &functions[i].instructions;
}

/// Lets every execution of the block add its length. A block has no branch inside, so it belongs to one function.
static void on_translation(plugin_id id, struct translation_block *block) {
  (void)id;
  const char *symbol = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(block, 0));
  pthread_mutex_lock(&functions_lock);
  uint64_t *counter = counter_of(symbol != NULL && *symbol != 0 ? symbol : "?");
  pthread_mutex_unlock(&functions_lock);
  qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD_U64, counter, qemu_plugin_tb_n_insns(block));
}

static void on_guest_exit(plugin_id id, void *unused) {
  (void)id, (void)unused;
  for (size_t i = 0; i < function_count; i++) {
    char line[160];
    snprintf(line, sizeof line, "%" PRIu64 " %.119s\n", functions[i].instructions, functions[i].name);
    qemu_plugin_outs(line);
  }
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_guest_exit, NULL);
  return 0;
}
