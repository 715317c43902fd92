package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rapport/account"
	"rapport/edge/bundles"
	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/record"
)

func create(ctx context.Context, dir string) (*record.Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return record.Create(ctx, record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: wall})
}

// size is how many bytes a folder holds.
func size(dir string) (n int64) {
	filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error { //nolint:errcheck // what cannot be read weighs nothing
		if st, e := d.Info(); err == nil && e == nil && st.Mode().IsRegular() {
			n += st.Size()
		}
		return nil
	})
	return n
}

// importing measures bringing Synthea people in: parsed, validated, sealed and
// on the ledger.
func importing(ctx context.Context, dir string, files []string) ([]figure, error) {
	if len(files) == 0 {
		return nil, nil
	}
	v, err := create(ctx, dir)
	if err != nil {
		return nil, err
	}
	im, err := bundles.New(ctx, v, account.AsSystem(account.Importer), nil)
	if err != nil {
		return nil, err
	}
	begun := wall.Now()
	rep, err := im.Files(ctx, files)
	took := wall.Now().Sub(begun)
	if err != nil {
		return nil, err
	}
	again, err := im.Files(ctx, files)
	if err != nil {
		return nil, err
	}
	if err := v.Close(); err != nil {
		return nil, err
	}
	disk := size(dir)
	return []figure{
		{"import, Synthea bundles", float64(rep.Written) / took.Seconds(), "resources/s", 12000, atLeast, fmt.Sprintf("%d resources, %d people, %d not taken", rep.Written, rep.Clients, len(rep.Refused))},
		{"a second import of the same writes", float64(again.Written), "resources", 0, atMost, ""},
		{"on disk per Synthea resource, all included", float64(disk) / float64(rep.Written) / 1000, "KB", 1.2, atMost, fmt.Sprintf("%.1f MB", float64(disk)/1e6)},
	}, nil
}

// chartSize is how many resources the chart under test holds.
const chartSize = 2000

// charts measures the gate at the Go API.
func charts(ctx context.Context, dir string) ([]figure, error) {
	v, err := create(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer v.Close() //nolint:errcheck // a temporary folder
	who := account.AsSystem(account.Importer)
	id, err := fill(ctx, v, who)
	if err != nil {
		return nil, err
	}
	read, err := timed(2000, func(i int) error {
		c, err := v.Open(ctx, who, record.Importing, id, record.Results)
		if err != nil {
			return err
		}
		_, err = c.Read(ctx, "Observation", fmt.Sprintf("o%d", i%(chartSize-1)))
		return err
	})
	if err != nil {
		return nil, err
	}
	c, err := v.Open(ctx, who, record.Importing, id, record.Results)
	if err != nil {
		return nil, err
	}
	q, err := search.Parse("Observation", url.Values{"code": {"http://loinc.org|85354-9"}, "date": {"ge2026-06-01"}, "_sort": {"-date"}, "_count": {"20"}})
	if err != nil {
		return nil, err
	}
	found := 0
	look, err := timed(500, func(int) error {
		fs, err := c.Search(ctx, q)
		found = len(fs)
		return err
	})
	if err != nil {
		return nil, err
	}
	acts, err := contend(ctx, v, who, id)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"open a chart and read one resource, p50", quantile(read, .5), "ms", 1, atMost, fmt.Sprintf("p99 %s ms; each is a durable entry", short(quantile(read, .99)))},
		{fmt.Sprintf("search within a %d-resource chart, p50", chartSize), quantile(look, .5), "ms", 3, atMost, fmt.Sprintf("%d found, p99 %s ms", found, short(quantile(look, .99)))},
		{"looks through the gate, 64 at once", acts, "entries/s", 20000, atLeast, ""},
	}, nil
}

// contend opens a chart from 64 goroutines at once.
func contend(ctx context.Context, v *record.Vault, who account.Actor, id fhir.ClientID) (float64, error) {
	const n, each = 64, 600
	var wg sync.WaitGroup
	errs := make([]error, n)
	begun := wall.Now()
	for g := range n {
		wg.Go(func() {
			for range each {
				if _, err := v.Open(ctx, who, record.Importing, id, record.Results); err != nil {
					errs[g] = err
					return
				}
			}
		})
	}
	wg.Wait()
	took := wall.Now().Sub(begun)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return n * each / took.Seconds(), nil
}

// fill makes one chart of chartSize resources.
func fill(ctx context.Context, v *record.Vault, who account.Actor) (fhir.ClientID, error) {
	c, err := v.Admit(ctx, who, record.Importing)
	if err != nil {
		return "", err
	}
	rs := []fhir.Resource{{Type: "Patient", ID: "p", JSON: []byte(`{"resourceType":"Patient","id":"p","name":[{"family":"Bench","given":["Anna"]}],"birthDate":"1970-01-01"}`)}}
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	codes := []string{"85354-9", "8867-4", "29463-7", "4548-4", "2160-0", "718-7", "2823-3", "2951-2"}
	for i := range chartSize - 1 {
		id := fmt.Sprintf("o%d", i)
		b, err := json.Marshal(map[string]any{
			"resourceType": "Observation", "id": id, "status": "final",
			"category":          []any{map[string]any{"coding": []any{map[string]string{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}}},
			"code":              map[string]any{"coding": []any{map[string]string{"system": "http://loinc.org", "code": codes[i%len(codes)]}}, "text": "Measured"},
			"subject":           map[string]string{"reference": "Patient/p"},
			"effectiveDateTime": at.Add(-time.Duration(i) * 6 * time.Hour).Format(time.RFC3339),
			"valueQuantity":     map[string]any{"value": 100 + i%50, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
		})
		if err != nil {
			return "", err
		}
		rs = append(rs, fhir.Resource{Type: "Observation", ID: id, JSON: b})
	}
	_, err = c.Put(ctx, rs...)
	return c.Client(), err
}
