// headrace_simulator [--seeds N] [--first S] [--seed S] [--jobs N] [--junit FILE]
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include <CLI/CLI.hpp>

#include "simulation.hpp"

namespace headrace::simulator {
namespace {

constexpr int k_most_jobs = 64;
constexpr std::uint64_t k_repeat_every = 50;  // seeds: run twice, to see that they replay

/// Shared with the processes that run the seeds.
struct Job {
  std::uint64_t seed;  ///< the one under way
  std::uint64_t done, failed, events, runs, lives, turns;
  bool is_finished;
};

std::filesystem::path base_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

/// A folder of its own, gone with this object.
class Home {
 public:
  Home() {
    std::string pattern = (base_folder() / "headrace-simulator-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  ~Home() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Simulation::Outcome simulate(std::uint64_t seed, bool is_verbose) {
  const Home home;
  return Simulation(seed, is_verbose, home.path()).run();
}

/// The message of the first violation, or nothing. Some seeds are run twice: the same seed has to give the same log.
std::string check(std::uint64_t seed, Job& job) {
  try {
    const auto outcome = simulate(seed, false);
    job.events += static_cast<std::uint64_t>(outcome.events);
    job.runs += static_cast<std::uint64_t>(outcome.runs);
    job.lives += static_cast<std::uint64_t>(outcome.lives);
    job.turns += static_cast<std::uint64_t>(outcome.turns);
    if (seed % k_repeat_every == 0 && simulate(seed, false).hash != outcome.hash) return "the same seed gave another log";
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

struct Arguments {
  std::uint64_t seeds = 1000, first = 1;
  std::optional<std::uint64_t> seed;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::string junit;
};

/// The seeds first + index, first + index + jobs, …
void run_seeds(const Arguments& arguments, int index, Job& job, std::uint64_t from) {
  const auto step = static_cast<std::uint64_t>(arguments.jobs);
  for (job.seed = from; job.seed < arguments.first + arguments.seeds; job.seed += step) {
    if (auto message = check(job.seed, job); !message.empty()) {
      ++job.failed;
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(job.seed), message.c_str());
      std::fflush(stdout);
    }
    ++job.done;
  }
  job.is_finished = true;
  (void)index;
}

int start_job(const Arguments& arguments, int index, Job& job, std::uint64_t from) {
  std::fflush(stdout);
  const int pid = ::fork();
  if (pid != 0) return pid;
  run_seeds(arguments, index, job, from);
  std::fflush(stdout);
  ::_exit(0);
}

void write_junit(const std::string& file, const Job& sum) {
  std::ofstream out(file);
  out << "<testsuite name=\"simulator\">\n";
  for (std::uint64_t i = 0; i < sum.done; ++i)
    out << "<testcase name=\"seed\">" << (i < sum.failed ? "<failure/>" : "") << "</testcase>\n";
  out << "</testsuite>\n";
}

int campaign(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  auto* jobs =
      static_cast<Job*>(::mmap(nullptr, sizeof(Job) * k_most_jobs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::map<int, int> index_of;  // by pid
  for (int i = 0; i < arguments.jobs; ++i)
    index_of[start_job(arguments, i, jobs[i], arguments.first + static_cast<std::uint64_t>(i))] = i;
  while (!index_of.empty()) {
    int status = 0;
    const int pid = ::waitpid(-1, &status, 0);
    auto found = index_of.extract(pid);
    if (found.empty()) continue;
    auto& job = jobs[found.mapped()];
    if (job.is_finished) continue;
    std::printf("seed %llu: the process ended (%s %d)\n", static_cast<unsigned long long>(job.seed),
                WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    ++job.failed;
    ++job.done;
    const int again = start_job(arguments, found.mapped(), job, job.seed + static_cast<std::uint64_t>(arguments.jobs));
    index_of[again] = found.mapped();
  }
  Job sum{};
  for (int i = 0; i < arguments.jobs; ++i) {
    sum.done += jobs[i].done;
    sum.failed += jobs[i].failed;
    sum.events += jobs[i].events;
    sum.runs += jobs[i].runs;
    sum.lives += jobs[i].lives;
    sum.turns += jobs[i].turns;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%llu seeds in %.1f s (%.0f a second): %llu failed; %llu runs, %llu daemon lives, %llu events, %llu turns\n",
              static_cast<unsigned long long>(sum.done), seconds, static_cast<double>(sum.done) / seconds,
              static_cast<unsigned long long>(sum.failed), static_cast<unsigned long long>(sum.runs),
              static_cast<unsigned long long>(sum.lives), static_cast<unsigned long long>(sum.events),
              static_cast<unsigned long long>(sum.turns));
  if (!arguments.junit.empty()) write_junit(arguments.junit, sum);
  return sum.failed == 0 ? 0 : 1;
}

int replay(std::uint64_t seed) {
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  try {
    const auto outcome = simulate(seed, true);
    std::printf("seed %llu: nothing to say; log %016llx\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(outcome.hash));
    return 0;
  } catch (const std::exception& error) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), error.what());
    return 1;
  }
}

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs the engine in simulated worlds, each from its seed.", "headrace_simulator");
  app.add_option("--seeds", arguments.seeds, "how many");
  app.add_option("--first", arguments.first, "the first one");
  app.add_option("--seed", arguments.seed, "only this one, telling all that happens");
  app.add_option("--jobs", arguments.jobs, "processes side by side")->check(CLI::Range(1, k_most_jobs));
  app.add_option("--junit", arguments.junit, "a file for the results");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(arguments.seed ? spdlog::level::debug : spdlog::level::off);
  return arguments.seed ? replay(*arguments.seed) : campaign(arguments);
}

}  // namespace
}  // namespace headrace::simulator

int main(int argc, char** argv) { return headrace::simulator::main(argc, argv); }
