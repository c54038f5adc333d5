#include <crash.hpp>

#include <cxxabi.h>
#include <setjmp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <checksum.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <descriptors.hpp>
#include <stack.hpp>

// Nothing here may allocate: the crash may have come in the middle of malloc. The one thing that does, demangling, is tried and
// given up.
namespace headrace {
inline namespace sdk {
namespace {

/// A text of bounded length in memory that is there already.
template <std::size_t N>
class Text {
 public:
  void add(const char* text, std::size_t size) {
    size = size < N - size_ ? size : N - size_;
    std::memcpy(bytes_ + size_, text, size);
    size_ += size;
  }
  void add(const char* text) { add(text, std::strlen(text)); }
  void add(long number) {
    char digits[24];
    add(digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%ld", number)));
  }
  /// As the inside of a JSON text.
  void add_escaped(const char* text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const char c = text[i];
      if (c == '\n')
        add("\\n");
      else if (c == '"' || c == '\\')
        add("\\", 1), add(&c, 1);
      else if (static_cast<unsigned char>(c) < 0x20)
        add(" ", 1);
      else
        add(&c, 1);
    }
  }
  const char* data() const { return bytes_; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  char bytes_[N];
  std::size_t size_ = 0;
};

struct OpenStep {
  bool is_open = false;
  char ids[1024] = {}, file[1024] = {};
  int line = 0;
} g_step;

constexpr std::size_t k_stack_text = 32768;
Text<k_stack_text> g_stack;
Text<3 * k_stack_text> g_line;
sigjmp_buf g_give_up;
volatile std::sig_atomic_t g_is_demangling = 0, g_is_handling = 0;
bool g_demangles = true;
char g_user_file[1024];
int g_user_line = 0;
long g_folded = 0;

const char* name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGABRT:
      return "SIGABRT";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "a signal";
  }
}
const char* meaning_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "segmentation fault";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "arithmetic error, such as a division by zero";
    case SIGILL:
      return "illegal instruction";
    default:
      return "";
  }
}

char* demangled(const char* name) {
  static char buffer[8192];
  static std::size_t size = sizeof buffer;
  if (!g_demangles || sigsetjmp(g_give_up, 1) != 0) {
    g_demangles = false;
    return nullptr;
  }
  g_is_demangling = 1;
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  if (text != nullptr) {
    std::snprintf(buffer, size, "%s", text);
    std::free(text);
    text = buffer;
  }
  g_is_demangling = 0;
  return text;
}

void end_run() {
  if (g_folded == 0) return;
  g_stack.add("  … ");
  g_stack.add(g_folded);
  g_stack.add(g_folded == 1 ? " frame of headrace\n" : " frames of headrace\n");
  g_folded = 0;
}

void on_frame(void*, std::uintptr_t address, const char* mangled, const char* file, int line) {
  const char* clear = mangled == nullptr ? nullptr : demangled(mangled);
  const char* function = clear != nullptr ? clear : mangled;
  if (is_machinery(function, file)) {
    ++g_folded;
    return;
  }
  end_run();
  g_stack.add("  ");
  constexpr std::size_t k_longest_function = 240;
  if (function != nullptr && std::strlen(function) > k_longest_function) {
    g_stack.add(function, k_longest_function);
    g_stack.add("…");
  } else if (function != nullptr) {
    g_stack.add(function);
  } else {
    char text[32];
    std::snprintf(text, sizeof text, "%#lx", static_cast<unsigned long>(address));
    g_stack.add(text);
  }
  if (file != nullptr) {
    g_stack.add(" at ");
    g_stack.add(file);
    g_stack.add(":");
    g_stack.add(static_cast<long>(line));
    if (g_user_file[0] == '\0' && std::strncmp(file, "/usr/", 5) != 0 && std::strncmp(file, "./", 2) != 0) {
      std::snprintf(g_user_file, sizeof g_user_file, "%s", file);
      g_user_line = line;
    }
  }
  g_stack.add("\n");
}

void collect_stack() {
  static std::uintptr_t addresses[64];
  const int count = take_stack(addresses, 64, 2);
  // A crash or a deadlock in demangling comes back there; one in reading the symbols ends the process after a while.
  ::alarm(5);
  symbolize(addresses, count, on_frame, nullptr);
  end_run();
}

void add_text_field(const char* name, const char* text, std::size_t size) {
  g_line.add(",\"");
  g_line.add(name);
  g_line.add("\":\"");
  g_line.add_escaped(text, size);
  g_line.add("\"");
}

void journal_end(const char* type, const char* message) {
  if (!g_step.is_open) return;
  g_step.is_open = false;
  timespec time;
  ::clock_gettime(CLOCK_REALTIME, &time);
  g_line.add("{\"type\":\"step_ended\",\"time\":");
  g_line.add(static_cast<long>(time.tv_sec * 1'000'000 + time.tv_nsec / 1000));
  g_line.add(",");
  g_line.add(g_step.ids);
  g_line.add(",\"offsets\":[");
  for (const int file : {1, 2, k_log}) {
    struct stat found = {};
    ::fstat(file, &found);
    if (file != 1) g_line.add(",");
    g_line.add(static_cast<long>(found.st_size));
  }
  g_line.add("],\"status\":\"failure\",\"seconds\":0,\"error\":{\"phase\":\"asset\",\"framework_frames\":0");
  add_text_field("type", type, std::strlen(type));
  add_text_field("message", message, std::strlen(message));
  add_text_field("stack", g_stack.data(), g_stack.size());
  const bool has_place = g_user_file[0] != '\0';
  const char* file = has_place ? g_user_file : g_step.file;
  if (file[0] != '\0') {
    add_text_field("file", file, std::strlen(file));
    g_line.add(",\"line\":");
    g_line.add(static_cast<long>(has_place ? g_user_line : g_step.line));
  }
  g_line.add("}}");
  char checksum[16];
  std::snprintf(checksum, sizeof checksum, "%08x ", checksum_of({g_line.data(), g_line.size()}));
  static Text<3 * k_stack_text + 16> whole;
  whole.add(checksum, 9);
  whole.add(g_line.data(), g_line.size());
  whole.add("\n");
  [[maybe_unused]] const auto written = ::write(k_journal, whole.data(), whole.size());
  ::send(k_control, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void tell(const char* type, const char* message) {
  collect_stack();
  static Text<k_stack_text + 1024> said;
  said.clear();
  said.add(type);
  said.add(": ");
  said.add(message);
  said.add("\n");
  said.add(g_stack.data(), g_stack.size());
  [[maybe_unused]] const auto written = ::write(2, said.data(), said.size());
  journal_end(type, message);
}

void on_fatal(int signal) {
  if (g_is_demangling != 0) {
    g_is_demangling = 0;
    siglongjmp(g_give_up, 1);
  }
  std::signal(signal, SIG_DFL);
  if (g_is_handling == 0) {
    g_is_handling = 1;
    std::signal(SIGALRM, [](int) {
      if (g_is_demangling != 0) {
        g_is_demangling = 0;
        ::alarm(5);
        siglongjmp(g_give_up, 1);
      }
      ::_exit(1);
    });
    char message[160];
    std::snprintf(message, sizeof message, "the step crashed: %s (%s)", name_of(signal), meaning_of(signal));
    tell(name_of(signal), message);
  }
  ::raise(signal);  // unblocked when the handler returns
}

}  // namespace

void install_crash_handlers() {
  static char stack[256 * 1024];  // a stack that overflowed is of no use
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_handler = on_fatal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) ::sigaction(signal, &action, nullptr);
}

void set_open_step(const std::string& ids, const std::string& file, int line) {
  g_step.is_open = false;
  if (ids.empty() || ids.size() >= sizeof g_step.ids) return;
  std::snprintf(g_step.ids, sizeof g_step.ids, "%s", ids.c_str());
  std::snprintf(g_step.file, sizeof g_step.file, "%s", file.c_str());
  g_step.line = line;
  g_step.is_open = true;
}

void end_stuck_step(const char* type, const char* message) {
  g_is_handling = 1;
  tell(type, message);
  ::_exit(1);
}

}  // namespace sdk
}  // namespace headrace
