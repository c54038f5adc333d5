#include "rules.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "victims.hpp"

namespace faults {
namespace {

struct Rule {
  enum class Deed { count, kill_before, kill_after, kill_other, halt_before, halt_after, fail, cut_short };
  char role[16] = "";
  char under[PATH_MAX] = "";
  unsigned calls = ~(1u << static_cast<unsigned>(Call::memory));
  std::uint64_t number = 0;  // 0: never
  bool and_all_behind = false, only_armed = false;
  Deed deed = Deed::count;
  int error = 0;
  char victim[16] = "";
};

constexpr struct {
  const char* name;
  int number;
} k_errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR},   {"EDQUOT", EDQUOT},
                {"EACCES", EACCES}, {"EROFS", EROFS},   {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}};

Rule rules[k_most_rules];
int rule_count = 0;
State* shared = nullptr;
char trace_file[PATH_MAX] = "";

[[noreturn]] void refuse(const char* what) {
  ::fprintf(stderr, "faults: cannot understand \"%s\"\n", what);
  ::_exit(99);
}

unsigned parse_calls(char* names) {
  unsigned calls = 0;
  char* rest = nullptr;
  for (char* name = ::strtok_r(names, ",", &rest); name; name = ::strtok_r(nullptr, ",", &rest)) {
    unsigned bit = 0;
    while (bit < sizeof k_call_names / sizeof *k_call_names && ::strcmp(name, k_call_names[bit]) != 0) ++bit;
    if (bit == sizeof k_call_names / sizeof *k_call_names) refuse(name);
    calls |= 1u << bit;
  }
  return calls;
}

void parse_deed(const char* text, Rule& rule) {
  using Deed = Rule::Deed;
  constexpr struct {
    const char* name;
    Deed deed;
  } deeds[] = {{"count", Deed::count},           {"kill-before", Deed::kill_before},
               {"kill-after", Deed::kill_after}, {"halt-before", Deed::halt_before},
               {"halt-after", Deed::halt_after}, {"short", Deed::cut_short}};
  for (const auto& each : deeds) {
    if (::strcmp(text, each.name) != 0) continue;
    rule.deed = each.deed;
    return;
  }
  if (::strncmp(text, "kill:", 5) == 0) {
    rule.deed = Deed::kill_other;
    ::snprintf(rule.victim, sizeof rule.victim, "%s", text + 5);
    return;
  }
  if (::strncmp(text, "error:", 6) != 0) refuse(text);
  rule.deed = Deed::fail;
  for (const auto& each : k_errors)
    if (::strcmp(text + 6, each.name) == 0) rule.error = each.number;
  if (rule.error == 0) refuse(text);
}

void parse_field(char* field, Rule& rule) {
  char* value = ::strchr(field, '=');
  if (!value) refuse(field);
  *value++ = '\0';
  const auto is = [field](const char* name) { return ::strcmp(field, name) == 0; };
  if (is("role"))
    ::snprintf(rule.role, sizeof rule.role, "%s", value);
  else if (is("under"))
    ::snprintf(rule.under, sizeof rule.under, "%s", value);
  else if (is("calls"))
    rule.calls = parse_calls(value);
  else if (is("at") || is("from"))
    rule.number = ::strtoull(value, nullptr, 10), rule.and_all_behind = is("from");
  else if (is("armed"))
    rule.only_armed = *value == '1';
  else if (is("do"))
    parse_deed(value, rule);
  else
    refuse(field);
}

void parse_rules(const char* text) {
  static char copy[8 * PATH_MAX];
  ::snprintf(copy, sizeof copy, "%s", text);
  char* rest = nullptr;
  for (char* one = ::strtok_r(copy, ";", &rest); one; one = ::strtok_r(nullptr, ";", &rest)) {
    if (rule_count == k_most_rules) refuse("more than eight rules");
    char* behind = nullptr;
    for (char* field = ::strtok_r(one, " ", &behind); field; field = ::strtok_r(nullptr, " ", &behind))
      parse_field(field, rules[rule_count]);
    ++rule_count;
  }
}

__attribute__((constructor)) void begin() {
  const char* file = ::getenv("FAULTS_STATE");
  if (!file) return;
  const long fd = ::syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  void* memory =
      fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED, static_cast<int>(fd), 0);
  if (memory == MAP_FAILED) refuse(file);
  ::syscall(SYS_close, fd);
  if (const char* trace = ::getenv("FAULTS_TRACE")) ::snprintf(trace_file, sizeof trace_file, "%s", trace);
  if (const char* text = ::getenv("FAULTS_RULES")) parse_rules(text);
  shared = static_cast<State*>(memory);
  register_self();
}

bool concerns(const Rule& rule, Call call, const char* path) {
  if ((rule.calls & (1u << static_cast<unsigned>(call))) == 0) return false;
  if (rule.only_armed && shared->armed == 0) return false;
  if (rule.under[0] != '\0' && ::strncmp(path, rule.under, ::strlen(rule.under)) != 0) return false;
  return rule.role[0] == '\0' || ::strcmp(rule.role, role()) == 0;
}

void trace(int rule, std::uint64_t number, const char* name, const char* path) {
  if (trace_file[0] == '\0') return;
  char line[PATH_MAX + 128];
  const int size = ::snprintf(line, sizeof line, "%d %llu %s %d %s %s\n", rule, static_cast<unsigned long long>(number), role(),
                              ::getpid(), name, path);
  const long fd = ::syscall(SYS_openat, AT_FDCWD, trace_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::syscall(SYS_write, fd, line, size);
  ::syscall(SYS_close, fd);
}

Fate fate_of(const Rule& rule) {
  using Deed = Rule::Deed;
  switch (rule.deed) {
    case Deed::halt_before:
      shared->halted = 1;
      die();
    case Deed::kill_before:
      die();
    case Deed::kill_other:
      kill_role(rule.victim);
      return {};
    case Deed::kill_after:
      return {Fate::Kind::die_after};
    case Deed::halt_after:
      return {Fate::Kind::halt_after};
    case Deed::fail:
      return {Fate::Kind::fail, rule.error};
    case Deed::cut_short:
      return {Fate::Kind::cut_short};
    case Deed::count:
      break;
  }
  return {};
}

}  // namespace

State* state() { return shared; }

Fate decide(Call call, const char* name, const char* path) {
  if (!shared) return {};
  const int kept = errno;
  Fate fate;
  for (int i = 0; i < rule_count; ++i) {
    const Rule& rule = rules[i];
    if (!concerns(rule, call, path)) continue;
    if (call != Call::memory) {
      die_if_halted();
      register_self();
    }
    const auto number = ++shared->counts[i];
    if (call != Call::memory) trace(i, number, name, path);
    const bool is_due = rule.number != 0 && (rule.and_all_behind ? number >= rule.number : number == rule.number);
    if (!is_due || fate.kind != Fate::Kind::none) continue;
    ++shared->fired[i];
    fate = fate_of(rule);
  }
  errno = kept;
  return fate;
}

void carry_out(const Fate& fate) {
  if (fate.kind == Fate::Kind::halt_after) shared->halted = 1;
  if (fate.kind == Fate::Kind::halt_after || fate.kind == Fate::Kind::die_after) die();
}

void die_if_halted() {
  if (shared && shared->halted != 0) die();
}

void die() {
  for (;;) {
    ::syscall(SYS_kill, ::getpid(), SIGKILL);
    ::syscall(SYS_pause);
  }
}

}  // namespace faults
