package looks

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/record"
)

// The words by which a question about a look is known in a chart. Messages, when
// they come, find them there.
const (
	categorySystem = "urn:rapport:communication"
	categoryCode   = "ledger-question"
	lookSystem     = "urn:rapport:look"
)

// question is what a client asked about one look.
type question struct {
	ID, Text string
	Seq      int64
	Sent     time.Time
	State    state
}

// state is how far a question has come.
type state uint8

const (
	_ state = iota
	waiting
	answered
	stopped
)

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type reference struct {
	Reference string `json:"reference"`
}

type payload struct {
	ContentString string `json:"contentString"`
}

type communication struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Identifier   []identifier `json:"identifier"`
	Status       string       `json:"status"`
	Category     []concept    `json:"category"`
	Subject      reference    `json:"subject"`
	Sent         string       `json:"sent"`
	Sender       reference    `json:"sender"`
	Payload      []payload    `json:"payload"`
}

// resource writes a question as it is kept in the chart of the person with that
// logical id.
func (q question) resource(person string) (fhir.Resource, error) {
	who := reference{"Patient/" + person}
	b, err := json.Marshal(communication{
		ResourceType: "Communication", ID: q.ID, Identifier: []identifier{{lookSystem, strconv.FormatInt(q.Seq, 10)}},
		Status: "in-progress", Category: []concept{{[]coding{{categorySystem, categoryCode}}}},
		Subject: who, Sent: q.Sent.UTC().Format(time.RFC3339), Sender: who, Payload: []payload{{q.Text}},
	})
	return fhir.Resource{Type: "Communication", ID: q.ID, JSON: b}, err
}

// readQuestion is the inverse of resource; it also reads what has become of it.
func readQuestion(b []byte) (question, error) {
	v, err := fhir.ReadCommunication(b)
	if err != nil {
		return question{}, err
	}
	var raw struct {
		Identifier []identifier `json:"identifier"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return question{}, err
	}
	q := question{ID: v.ID, Text: strings.Join(v.Texts, "\n"), Sent: v.Sent.At, State: waiting, Seq: -1}
	for _, i := range raw.Identifier {
		if n, err := strconv.ParseInt(i.Value, 10, 64); err == nil && i.System == lookSystem {
			q.Seq = n
		}
	}
	switch v.Status {
	case "completed":
		q.State = answered
	case "stopped", "not-done", "entered-in-error":
		q.State = stopped
	}
	return q, nil
}

// questions returns what the client asked, newest first.
func questions(ctx context.Context, c *record.Chart) ([]question, error) {
	found, err := c.Find(ctx, "Communication", "category", categorySystem+"|"+categoryCode, "_sort", "-sent", "_count", "100")
	if err != nil {
		return nil, err
	}
	var out []question
	for _, f := range found {
		x, err := readQuestion(f.JSON)
		if err != nil {
			return nil, err
		}
		if x.Seq >= 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

// idOf is the logical id of the question about one look of one client: pressed
// twice, or in two tabs at once, it is still one question.
func idOf(client fhir.ClientID, seq int64) string {
	h := sha256.Sum256([]byte("rapport/question " + string(client) + " " + strconv.FormatInt(seq, 10)))
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(h[:16])
}
