// Stacks of this process: where an exception was thrown, where it crashed. Names and lines come from the program's debug
// information (-g1 or more); without it there are names at best.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace headrace {
inline namespace sdk {

/// Return addresses, innermost first.
using Stack = std::vector<std::uintptr_t>;

struct Frame {
  std::string function, file;
  int line = 0;
  bool is_ours = false;  ///< of the SDK, or of the machinery between it and the user's code
};

/// Where this exception was thrown; empty: not recorded (thrown by a program that was linked without the SDK).
Stack stack_of(const std::exception_ptr& error);
/// Where this process is now. Allocates nothing: for signal handlers too.
int take_stack(std::uintptr_t* addresses, int most, int skip);
std::vector<Frame> frames_of(const Stack& stack);

/// Whether a frame is of the SDK, or of the machinery between it and the user's code. Texts may be null; nothing is allocated.
bool is_machinery(const char* function, const char* file);

struct ShownStack {
  std::string text;  ///< one line a frame; frames of ours folded
  std::string file;  ///< innermost frame of the user's code, relative to the working directory where it lies below it
  int line = 0;
  int folded = 0;
};
ShownStack show_stack(const std::vector<Frame>& frames);
std::string relative_path(const std::string& path);

/// Without allocations: calls back with each frame's function (mangled), file and line; texts may be null.
using FrameCallback = void (*)(void* data, std::uintptr_t address, const char* function, const char* file, int line);
void symbolize(const std::uintptr_t* addresses, int count, FrameCallback callback, void* data);
/// Reads the debug information now, so that a crash finds it there.
void prepare_symbols();

}  // namespace sdk
}  // namespace headrace
