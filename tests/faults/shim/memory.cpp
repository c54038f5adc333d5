// Allocations that fail. The C library gives its own allocator's functions a second name for this.
#include <cerrno>
#include <cstddef>

#include "rules.hpp"

#define REPLACES(symbol) __asm__(symbol) __attribute__((visibility("default")))

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

namespace {

bool is_refused() {
  if (faults::decide(faults::Call::memory, "malloc", "").kind != faults::Fate::Kind::fail) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

void* faults_malloc(std::size_t size) REPLACES("malloc");
void* faults_malloc(std::size_t size) { return is_refused() ? nullptr : __libc_malloc(size); }

void* faults_calloc(std::size_t count, std::size_t size) REPLACES("calloc");
void* faults_calloc(std::size_t count, std::size_t size) { return is_refused() ? nullptr : __libc_calloc(count, size); }

void* faults_realloc(void* memory, std::size_t size) REPLACES("realloc");
void* faults_realloc(void* memory, std::size_t size) {
  return size != 0 && is_refused() ? nullptr : __libc_realloc(memory, size);
}

}  // extern "C"
