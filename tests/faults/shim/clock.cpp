// The wall clock, shifted by what the campaign says; the monotonic clock is nobody's to shift.
//
//   FAULTS_JUMP_EVERY   after so many readings, by whomever, the clock jumps to another moment within an hour of the true one
//   FAULTS_JUMP_SEED    which moments
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

#include "rules.hpp"

#define REPLACES(symbol) __asm__(symbol) __attribute__((visibility("default")))

namespace {

constexpr std::int64_t k_second = 1'000'000'000, k_hour = 3600 * k_second;

std::uint64_t jump_every = 0, jump_seed = 0;

__attribute__((constructor)) void begin() {
  if (const char* every = ::getenv("FAULTS_JUMP_EVERY")) jump_every = ::strtoull(every, nullptr, 10);
  if (const char* seed = ::getenv("FAULTS_JUMP_SEED")) jump_seed = ::strtoull(seed, nullptr, 10);
}

/// Within an hour, evenly (splitmix64's finalizer).
std::int64_t offset_of_jump(std::uint64_t number) {
  std::uint64_t x = jump_seed + (number + 1) * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return static_cast<std::int64_t>(x % (2 * k_hour)) - k_hour;
}

int read_clock(clockid_t clock, timespec* time) {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  const bool is_wall_clock = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
  auto* state = faults::state();
  if (result != 0 || !is_wall_clock || !state) return static_cast<int>(result);
  if (jump_every != 0) state->clock_offset = offset_of_jump(state->clock_readings++ / jump_every);
  const std::int64_t shifted = time->tv_sec * k_second + time->tv_nsec + state->clock_offset;
  time->tv_sec = shifted / k_second;
  time->tv_nsec = shifted % k_second;
  return 0;
}

}  // namespace

extern "C" {

int faults_clock_gettime(clockid_t clock, timespec* time) REPLACES("clock_gettime");
int faults_clock_gettime(clockid_t clock, timespec* time) { return read_clock(clock, time); }

int faults_gettimeofday(timeval* time, void* zone) REPLACES("gettimeofday");
int faults_gettimeofday(timeval* time, void*) {
  timespec now;
  read_clock(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t faults_time(time_t* time) REPLACES("time");
time_t faults_time(time_t* time) {
  timespec now;
  read_clock(CLOCK_REALTIME, &now);
  if (time) *time = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
