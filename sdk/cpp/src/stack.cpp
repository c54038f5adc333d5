#include <stack.hpp>

#include <backtrace.h>
#include <cxxabi.h>
#include <dlfcn.h>
#include <unwind.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

namespace headrace {
inline namespace sdk {
namespace {

constexpr int k_deepest = 48;

struct Recorded {
  const void* exception = nullptr;
  int count = 0;
  std::array<std::uintptr_t, k_deepest> addresses{};
};
/// The last throws of this thread; an exception that is caught was among them, unless many more were thrown meanwhile.
constexpr std::size_t k_recorded = 8;
thread_local std::array<Recorded, k_recorded> t_recorded;
thread_local std::size_t t_next = 0;

struct Unwinding {
  std::uintptr_t* addresses;
  int most, skip, count;
};

_Unwind_Reason_Code on_frame(_Unwind_Context* context, void* data) {
  auto& unwinding = *static_cast<Unwinding*>(data);
  int before = 0;
  std::uintptr_t address = _Unwind_GetIPInfo(context, &before);
  if (address == 0) return _URC_END_OF_STACK;
  if (unwinding.skip > 0) {
    --unwinding.skip;
    return _URC_NO_REASON;
  }
  // A return address is behind its call, which may be another line already.
  unwinding.addresses[unwinding.count++] = before == 0 ? address - 1 : address;
  return unwinding.count < unwinding.most ? _URC_NO_REASON : _URC_END_OF_STACK;
}

backtrace_state* symbols() {
  static backtrace_state* state = backtrace_create_state(
      nullptr, 1, [](void*, const char*, int) {}, nullptr);
  return state;
}

struct Lookup {
  FrameCallback callback;
  void* data;
  std::uintptr_t address;
  bool found;
};

void no_symbols(void*, const char*, int) {}

int on_line(void* data, std::uintptr_t, const char* file, int line, const char* function) {
  auto& lookup = *static_cast<Lookup*>(data);
  if (function == nullptr && file == nullptr) return 0;
  lookup.found = true;
  lookup.callback(lookup.data, lookup.address, function, file, line);
  return 0;
}

void on_symbol(void* data, std::uintptr_t, const char* name, std::uintptr_t, std::uintptr_t) {
  auto& lookup = *static_cast<Lookup*>(data);
  lookup.callback(lookup.data, lookup.address, name, nullptr, 0);
}

std::string demangle(const char* name) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return demangled ? demangled.get() : name;
}

bool contains(const char* text, const char* part) { return text != nullptr && std::strstr(text, part) != nullptr; }

bool is_library(const std::string& file) { return file.empty() || file.starts_with("/usr/"); }

}  // namespace

bool is_machinery(const char* function, const char* file) {
  if (function != nullptr && (std::strcmp(function, "main") == 0 || std::strncmp(function, "main::", 6) == 0)) return true;
  if (contains(function, "__libc_start")) return true;
  if (contains(file, "sdk/cpp/src/") || contains(file, "include/headrace/")) return true;
  if (file != nullptr && std::strncmp(file, "/usr/", 5) != 0 && std::strncmp(file, "./", 2) != 0) return false;
  for (const auto* ours : {"headrace::sdk::", "N8headrace3sdk", "std::__invoke", "std::invoke", "std::apply", "std::__apply",
                           "std::_Function_handler", "std::function<", "__cxa_throw", "_Unwind_", "__libc_start", "_start",
                           "std::__throw_", "__restore_rt"})
    if (contains(function, ours)) return true;
  return function == nullptr || contains(file, "libc_sigaction") || contains(file, "libc_start");
}

[[gnu::noinline]] int take_stack(std::uintptr_t* addresses, int most, int skip) {
  Unwinding unwinding{addresses, most, skip + 1, 0};
  _Unwind_Backtrace(on_frame, &unwinding);
  return unwinding.count;
}

Stack stack_of(const std::exception_ptr& error) {
  // libstdc++'s exception_ptr is a pointer to the exception object.
  static_assert(sizeof(std::exception_ptr) == sizeof(void*));
  const void* exception = nullptr;
  std::memcpy(&exception, static_cast<const void*>(&error), sizeof exception);
  for (std::size_t back = 1; back <= k_recorded; ++back) {
    const auto& one = t_recorded[(t_next + k_recorded - back) % k_recorded];
    if (one.exception == exception && exception != nullptr) return {one.addresses.begin(), one.addresses.begin() + one.count};
  }
  return {};
}

void symbolize(const std::uintptr_t* addresses, int count, FrameCallback callback, void* data) {
  for (int i = 0; i < count; ++i) {
    Lookup lookup{callback, data, addresses[i], false};
    if (symbols() != nullptr) {
      backtrace_pcinfo(symbols(), addresses[i], on_line, no_symbols, &lookup);
      if (!lookup.found) {
        lookup.found = backtrace_syminfo(symbols(), addresses[i], on_symbol, no_symbols, &lookup) != 0;
      }
    }
    if (!lookup.found) callback(data, addresses[i], nullptr, nullptr, 0);
  }
}

void prepare_symbols() {
  std::uintptr_t here[2];
  const int count = take_stack(here, 2, 0);
  symbolize(
      here, count, [](void*, std::uintptr_t, const char*, const char*, int) {}, nullptr);
}

std::vector<Frame> frames_of(const Stack& stack) {
  std::vector<Frame> frames;
  symbolize(
      stack.data(), static_cast<int>(stack.size()),
      [](void* data, std::uintptr_t address, const char* function, const char* file, int line) {
        Frame frame{function ? demangle(function) : fmt::format("{:#x}", address), file ? file : "", line, false};
        frame.is_ours = is_machinery(function ? frame.function.c_str() : nullptr, file);
        static_cast<std::vector<Frame>*>(data)->push_back(std::move(frame));
      },
      &frames);
  return frames;
}

std::string relative_path(const std::string& path) {
  std::error_code error;
  const auto here = std::filesystem::current_path(error).string() + "/";
  const auto whole = std::filesystem::path(path).lexically_normal().string();
  return !error && whole.starts_with(here) ? whole.substr(here.size()) : path;
}

ShownStack show_stack(const std::vector<Frame>& frames) {
  ShownStack shown;
  int run = 0;
  const auto end_run = [&] {
    if (run > 0) shown.text += fmt::format("  … {} {} of headrace\n", run, run == 1 ? "frame" : "frames");
    shown.folded += std::exchange(run, 0);
  };
  for (const auto& frame : frames) {
    if (frame.is_ours) {
      ++run;
      continue;
    }
    end_run();
    constexpr std::size_t k_longest_function = 240;
    shown.text += "  " + frame.function.substr(0, k_longest_function) + (frame.function.size() > k_longest_function ? "…" : "");
    if (!frame.file.empty()) shown.text += fmt::format(" at {}:{}", relative_path(frame.file), frame.line);
    shown.text += '\n';
    if (shown.file.empty() && !is_library(frame.file)) {
      shown.file = relative_path(frame.file);
      shown.line = frame.line;
    }
  }
  end_run();
  return shown;
}

namespace {
[[gnu::noinline]] void record(const void* exception) {
  auto& one = t_recorded[t_next];
  t_next = (t_next + 1) % k_recorded;
  one.exception = exception;
  one.count = take_stack(one.addresses.data(), k_deepest, 2);
}
}  // namespace

}  // namespace sdk
}  // namespace headrace

/// Every throw of the program comes here first: where it was thrown is noted, since nobody can tell later.
namespace __cxxabiv1 {
extern "C" void __cxa_throw(void* exception, std::type_info* type, void (*destroy)(void*)) {
  using Throw = void (*)(void*, std::type_info*, void (*)(void*));
  static const auto real = reinterpret_cast<Throw>(::dlsym(RTLD_NEXT, "__cxa_throw"));
  headrace::record(exception);
  real(exception, type, destroy);
  __builtin_unreachable();
}
}  // namespace __cxxabiv1
