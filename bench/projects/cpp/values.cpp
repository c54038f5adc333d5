// What the C++ IO managers take for a value, and what plain Arrow takes for the same bytes, turn and turn about
// (bench/parquet.py, bench/small_blobs.py). Prints one JSON object a round: seconds.
#include <arrow/api.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/api.h>
#include <context_access.hpp>
#include <headrace/blobs.hpp>
#include <headrace/sdk.hpp>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>

using namespace headrace;

namespace {

template <class T>
T take(arrow::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return std::move(result).ValueUnsafe();
}
void check(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

template <class F>
double seconds(const F& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Both ways of doing one thing, in another order each round: who comes second finds memory and connections warm.
template <class Own, class Plain>
void compare(json& found, const std::string& doing, int round, const Own& own, const Plain& plain) {
  if (round % 2 == 0) found[doing] = seconds(own);
  found["plain_" + doing] = seconds(plain);
  if (round % 2 != 0) found[doing] = seconds(own);
}

/// An IO manager by itself: what a worker does with it, without a step around.
template <class Manager>
struct Alone {
  explicit Alone(const Manager& given) : manager(given) {
    InitResourceContext context{log, run};
    if constexpr (requires { manager.setup_for_execution(context); }) manager.setup_for_execution(context);
  }
  template <class T>
  void store(const std::string& name, const T& value) {
    OutputContext context(log);
    ContextAccess::fill(context, AssetKey(name), {}, run, {});
    ContextAccess::fill(context, name, type_of<T>(), {});
    manager.handle_output(context, value);
  }
  auto load(const std::string& name, const Type& type) {
    InputContext context(log);
    ContextAccess::fill(context, AssetKey(name), {}, run, {});
    ContextAccess::fill(context, name, type, {}, nullptr);
    return manager.load_input(context);
  }
  Manager manager;
  Log log{[](std::string_view, const std::string&) {}};
  Run run;
};

/// Rows of 24 bytes and a short text: about so many million bytes in memory.
std::shared_ptr<arrow::Table> make_table(std::int64_t megabytes) {
  const std::int64_t rows = megabytes * 1'000'000 / 32;
  std::mt19937_64 random(7);
  arrow::Int64Builder ids, parts;
  arrow::DoubleBuilder values;
  arrow::StringBuilder names;
  check(ids.Reserve(rows));
  check(parts.Reserve(rows));
  check(values.Reserve(rows));
  check(names.Reserve(rows));
  static const char* const k_names[] = {"head", "mill", "race", "weir"};
  for (std::int64_t i = 0; i < rows; ++i) {
    ids.UnsafeAppend(i);
    parts.UnsafeAppend(static_cast<std::int64_t>(random() % 1000));
    values.UnsafeAppend(static_cast<double>(random() >> 11) * 0x1.0p-53);
    check(names.Append(k_names[random() % 4]));
  }
  return arrow::Table::Make(arrow::schema({arrow::field("id", arrow::int64()), arrow::field("part", arrow::int64()),
                                           arrow::field("value", arrow::float64()), arrow::field("name", arrow::utf8())}),
                            {take(ids.Finish()), take(parts.Finish()), take(values.Finish()), take(names.Finish())});
}

/// The options of the IO manager, so that the bytes are the same.
void write_plain(const arrow::Table& table, const std::string& path) {
  const auto file = take(arrow::io::FileOutputStream::Open(path));
  const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  check(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), file, 1 << 20, properties, arrow_properties));
  check(file->Close());
}

std::int64_t read_plain(const std::string& path) {
  const auto reader = take(parquet::arrow::OpenFile(take(arrow::io::ReadableFile::Open(path)), arrow::default_memory_pool()));
  reader->set_use_threads(true);
  return take(reader->ReadTable())->num_rows();
}

void measure_parquet(const std::string& folder, std::int64_t megabytes, int rounds) {
  const Table table(make_table(megabytes));
  const auto plain = folder + "/plain.parquet";
  Alone managed(ParquetIOManager{.base_dir = folder});
  for (int round = -1; round < rounds; ++round) {  // one before those that count
    json found;
    compare(
        found, "write", round, [&] { managed.store("managed", table); }, [&] { write_plain(*table, plain); });
    compare(
        found, "read", round, [&] { std::ignore = managed.load("managed", type_of<Table>()); },
        [&] { std::ignore = read_plain(plain); });
    if (round < 0) continue;
    if (std::filesystem::file_size(folder + "/managed.parquet") != std::filesystem::file_size(plain))
      throw std::runtime_error("the two files differ in size: not the same was written");
    std::cout << found.dump() << std::endl;
  }
}

void measure_blobs(const std::string& bucket, int count, int rounds) {
  S3JSONIOManager manager;
  manager.s3_bucket = bucket;
  manager.s3_prefix = "managed";
  Alone managed(manager);
  check(arrow::fs::EnsureS3Initialized());
  auto options = arrow::fs::S3Options::Defaults();
  const std::string url = std::getenv("AWS_ENDPOINT_URL");
  options.scheme = "http";
  options.endpoint_override = url.substr(url.find("://") + 3);
  options.region = "us-east-1";
  options.allow_delayed_open = true;
  {
    const auto files = take(arrow::fs::S3FileSystem::Make(options));
    const auto name = [](int i) { return "blob_" + std::to_string(i); };
    for (int round = 0; round < rounds; ++round) {
      json found;
      const auto put = [&] {
        for (int i = 0; i < count; ++i) managed.store(name(i), Value::of<std::int64_t>(i));
      };
      const auto plain_put = [&] {
        for (int i = 0; i < count; ++i) {
          const auto stream = take(files->OpenOutputStream(bucket + "/plain/" + name(i) + ".json"));
          check(stream->Write(std::to_string(i)));
          check(stream->Close());
        }
      };
      const auto get = [&] {
        for (int i = 0; i < count; ++i)
          if (managed.load(name(i), type_of<std::int64_t>()).get<std::int64_t>() != i) throw std::runtime_error("a wrong value");
      };
      const auto plain_get = [&] {
        for (int i = 0; i < count; ++i) {
          const auto file = take(files->OpenInputFile(bucket + "/plain/" + name(i) + ".json"));
          if (take(file->ReadAt(0, take(file->GetSize())))->ToString() != std::to_string(i))
            throw std::runtime_error("a wrong value");
        }
      };
      compare(found, "put", round, put, plain_put);
      compare(found, "get", round, get, plain_get);
      std::cout << found.dump() << std::endl;
    }
  }
}

}  // namespace

int main(int, char** argv) {
  try {
    const std::string what = argv[1];
    if (what == "parquet")
      measure_parquet(argv[2], std::atoll(argv[3]), std::atoi(argv[4]));
    else
      measure_blobs(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    ::_exit(1);
  }
  ::_exit(0);  // as workers do: clients are not taken down
}
